import type { ClientSession } from 'mongoose'
import { type MutationOutcome, mutate } from '../../storage/mutate.ts'
import type { DealContext } from './deal-context.ts'

interface Call<Input> {
  readonly input: Input
  readonly idempotencyKey?: string | null
}

/** The resolver of a mutation: runs the command in its transaction, then answers by the id that it gave. */
export function command<Input, Payload>(
  name: string,
  run: (context: DealContext, input: Input, session: ClientSession) => Promise<string>,
  options: {
    readonly payload: (outcome: MutationOutcome, context: DealContext) => Payload
    /** What calls of this process queue for; the id in the input when left out. */
    readonly contended?: (input: Input) => readonly string[]
  },
) {
  return async (_: unknown, { input, idempotencyKey }: Call<Input>, context: DealContext): Promise<Payload> => {
    const contended = options.contended?.(input) ?? idOf(input)
    const outcome = await mutate(context, { name, input, idempotencyKey, contended }, (session) =>
      run(context, input, session),
    )
    return options.payload(outcome, context)
  }
}

function idOf(input: unknown): string[] {
  return typeof input === 'object' && input !== null && 'id' in input && typeof input.id === 'string' ? [input.id] : []
}

/** A document that its transaction read a moment ago: another writer makes it conflict and run again, never come here. */
export function changedInside<Doc>(changed: Doc | null, id: string): Doc {
  if (changed === null) throw new Error(`${id} changed inside the transaction that read it`)
  return changed
}
