import type { Reaction } from '../../../kit/background.ts'
import type { EventValue } from '../../../kit/events.ts'
import type { PartnerModels } from '../models.ts'

/** Counts won deals for tiers, and no longer those that are reopened. An event that is heard again changes nothing. */
export const tierDeals: Reaction<PartnerModels> = {
  name: 'tier-deals',
  types: ['deal.won', 'deal.reopened'],
  async handle({ models, now, log }, event, session) {
    const { organizationId, valueMinorUnits, currencyCode } = event.data
    if (!isText(organizationId) || typeof valueMinorUnits !== 'number' || !isText(currencyCode)) {
      log.warn({ event: event.id }, 'an event of a deal tells no value or no owner; it does not count for a tier')
      return
    }
    const known = await models.wonDeals.find(session, event.subject)
    if (known && (known.eventId === event.id || known.heardAt > event.time)) return
    const won = event.type === 'deal.won'
    await models.wonDeals.write(session, {
      _id: event.subject,
      organizationId,
      value: { minorUnits: valueMinorUnits, currencyCode },
      counts: won,
      wonAt: won ? event.time : (known?.wonAt ?? event.time),
      eventId: event.id,
      heardAt: event.time,
    })
    await models.standings.evaluateSoon(session, [organizationId], now())
  },
}

function isText(value: EventValue | undefined): value is string {
  return typeof value === 'string' && value !== ''
}
