import type { DomainEvent, NewEvent } from '../../../kit/events.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { withSignsOfLife } from '../../../kit/with-signs-of-life.ts'
import type { BillingContext } from '../billing-context.ts'

/** Whose limits a gateway looks up anew; null for a sign of life. */
interface LimitsChange {
  readonly subject: 'APP' | 'PLAN' | 'ORGANIZATION' | null
  readonly id: string | null
}

const signOfLife: LimitsChange = { subject: null, id: null }
const signEveryMs = 1_000
/** A gateway that is so far behind is cut off, and looks everything up anew. */
const mostWaiting = 1_000

const about = (subject: LimitsChange['subject']) => (event: DomainEvent) => ({ subject, id: event.subject })

/** Every event after which `appLimits` may answer otherwise, and of whom. */
const changes: Readonly<Record<string, (event: DomainEvent) => LimitsChange>> = {
  'plan_subscription.changed': about('APP'),
  'app_limits.renewed': about('PLAN'),
  'organization_ceiling.changed': about('ORGANIZATION'),
}

export const limitsChangeResolvers: Resolvers<BillingContext> = {
  Subscription: {
    limitsChanged: {
      async subscribe(_: unknown, _args: unknown, { events }: BillingContext) {
        const feed = await events.subscribe(Object.keys(changes))
        return withSignsOfLife(feed, { everyMs: signEveryMs, limit: mostWaiting })
      },
      resolve: (event: DomainEvent | null) => (event === null ? signOfLife : changes[event.type]?.(event)),
    },
  },
}

/** A change of a plan has reached apps on it, which is after the change itself. Nobody but gateways learns of it. */
export function limitsRenewed(planId: string): NewEvent {
  return { type: 'app_limits.renewed', subject: planId, audience: ['operator'], data: {} }
}

/** An organization's apps have another ceiling together, or none. */
export function ceilingChanged(organizationId: string): NewEvent {
  return { type: 'organization_ceiling.changed', subject: organizationId, audience: [organizationId], data: {} }
}
