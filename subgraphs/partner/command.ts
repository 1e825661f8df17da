import type { ClientSession } from 'mongoose'
import { mutate } from '../../storage/mutate.ts'
import type { PartnerContext } from './partner-context.ts'

/** The arguments of every mutation. */
export interface Call<Input> {
  readonly input: Input
  readonly idempotencyKey?: string | null
}

interface Command<Input> {
  /** Does the work in the transaction and answers the id of the entity. */
  readonly run: (context: PartnerContext, input: Input, session: ClientSession) => Promise<string>
  /** The payload's field, and how the entity is read for it. */
  readonly field: string
  readonly load: (context: PartnerContext, id: string) => Promise<unknown>
  /** Ids of what many calls of this process may want to change at once. */
  readonly contended?: (input: Input, context: PartnerContext) => readonly string[]
}

/** The resolver of a mutation. Its entity is read anew, so that a repeated key answers as the first call did. */
export function command<Input>(name: string, { run, field, load, contended }: Command<Input>) {
  return async (_: unknown, { input, idempotencyKey }: Call<Input>, context: PartnerContext) => {
    const call = { name, input, idempotencyKey, contended: contended?.(input, context) ?? [] }
    const { id, userErrors } = await mutate(context, call, (session) => run(context, input, session))
    return { [field]: id === null ? null : load(context, id), userErrors }
  }
}
