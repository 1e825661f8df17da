import type { ClientSession } from 'mongoose'
import { CodedError } from '../../kit/errors.ts'
import { type MutationOutcome, mutate, refuse } from '../../storage/mutate.ts'
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

/** Refuses whoever is not the platform company itself. */
export function requireOperator({ caller }: InventoryContext, what: string): void {
  if (!caller.operator) throw new CodedError('FORBIDDEN', `Only the platform operator ${what}.`)
}

/** Which document a command is about, and which version of it its caller has seen. */
export interface Target {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** Refuses a command on a document that is not there for the caller or has changed since the caller read it. */
export function checkTarget<Doc extends { readonly version: number }>(
  entity: string,
  doc: Doc | null | undefined,
  { expectedVersion }: Omit<Target, 'id'>,
): Doc {
  if (!doc) throw refuse('NOT_FOUND', ['input', 'id'], `There is no such ${entity}.`)
  if (typeof expectedVersion === 'number' && expectedVersion !== doc.version) {
    const message = `The ${entity} has version ${doc.version} by now, not ${expectedVersion}; read it again.`
    throw refuse('STALE_VERSION', ['input', 'expectedVersion'], message)
  }
  return doc
}

/** A document that its transaction read a moment ago: another writer makes it conflict and run again, never come here. */
export function changedInside(changed: boolean, id: string): void {
  if (!changed) throw new Error(`${id} changed inside the transaction that read it`)
}
