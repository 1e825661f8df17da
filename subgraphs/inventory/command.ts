import type { ClientSession } from 'mongoose'
import { requireOperator } from '../../storage/command-target.ts'
import { type MutationOutcome, mutate } from '../../storage/mutate.ts'
import type { InventoryContext } from './inventory-context.ts'

interface Call<Input> {
  readonly input: Input
  readonly idempotencyKey?: string | null
}

/** The resolver of a mutation: runs the command in its transaction, then answers by the id that it gave. */
export function command<Input, Payload>(
  name: string,
  run: (context: InventoryContext, input: Input, session: ClientSession) => Promise<string>,
  options: {
    readonly payload: (outcome: MutationOutcome, context: InventoryContext) => Payload
    /** What calls of this process queue for. */
    readonly contended: (input: Input) => readonly string[]
    /** What only the platform operator may do, as in `Only the platform operator closes warehouses.` */
    readonly operatorOnly?: string
  },
) {
  return async (_: unknown, { input, idempotencyKey }: Call<Input>, context: InventoryContext): Promise<Payload> => {
    // Not left to the scope alone: a partner's app that was given one by mistake must not act as the platform company.
    if (options.operatorOnly !== undefined) requireOperator(context, options.operatorOnly)
    const contended = options.contended(input)
    const outcome = await mutate(context, { name, input, idempotencyKey, contended }, (session) =>
      run(context, input, session),
    )
    return options.payload(outcome, context)
  }
}

/** A document that its transaction read a moment ago: another writer makes it conflict and run again, never come here. */
export function changedInside(changed: boolean, id: string): void {
  if (!changed) throw new Error(`${id} changed inside the transaction that read it`)
}
