import type { ClientSession } from 'mongoose'
import { type MutationOutcome, mutate } from '../../storage/mutate.ts'
import type { CatalogContext } from './catalog-context.ts'

interface Call<Input> {
  readonly input: Input
  readonly idempotencyKey?: string | null
}

/** What carries a mutation out in its transaction and answers the id of the entity it made or changed. */
type Command<Input> = (context: CatalogContext, input: Input, session: ClientSession) => Promise<string>

/** How a payload names its entity, how that is read anew, and what many may want to change at once. */
interface Payload<Input> {
  readonly entity: string
  readonly load: (context: CatalogContext, id: string) => unknown
  readonly contended?: (input: Input) => readonly string[]
}

/**
 * The resolver of a mutation. Its entity is read through a loader after the transaction, so that a repeated
 * idempotency key answers as the first call did.
 */
export function commandResolver<Input>(name: string, run: Command<Input>, payload: Payload<Input>) {
  return async (_: unknown, { input, idempotencyKey }: Call<Input>, context: CatalogContext) => {
    const contended = payload.contended?.(input) ?? []
    const outcome: MutationOutcome = await mutate(context, { name, input, idempotencyKey, contended }, (session) =>
      run(context, input, session),
    )
    return {
      [payload.entity]: outcome.id === null ? null : payload.load(context, outcome.id),
      userErrors: outcome.userErrors,
    }
  }
}
