import { refuse } from '../../../storage/mutate.ts'
import type { PartnerContext } from '../partner-context.ts'

const field = ['input', 'after']

/** The position of a cursor that events can still be read after. Throws MutationRefused. */
export async function positionOf({ models, events }: PartnerContext, cursor: string): Promise<number> {
  const position = models.webhooks.cursors.decode(cursor)
  const { oldest, newest } = await events.bounds()
  if (position === null || position > newest) {
    throw refuse('INVALID_CURSOR', field, 'This is no cursor of this event log; read `eventLog { oldest newest }`.')
  }
  if (position + 1 < oldest) {
    const message = `Some events after this cursor are no longer kept; the oldest cursor is ${models.webhooks.cursors.encode(oldest - 1)}.`
    throw refuse('EVENTS_GONE', field, message)
  }
  return position
}
