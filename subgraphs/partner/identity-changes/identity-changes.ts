import type { DomainEvent } from '../../../kit/events.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { withSignsOfLife } from '../../../kit/with-signs-of-life.ts'
import type { PartnerContext } from '../partner-context.ts'

/** What a gateway looks up anew; null for a sign of life. */
interface IdentityChange {
  readonly subject: 'APP' | 'ORGANIZATION' | 'MEMBER' | 'SCOPE' | null
  readonly id: string | null
}

const signOfLife: IdentityChange = { subject: null, id: null }
const signEveryMs = 1_000
/** A gateway that is so far behind is cut off, and looks everything up anew. */
const mostWaiting = 1_000

const about = (subject: IdentityChange['subject']) => (event: DomainEvent) => ({ subject, id: event.subject })
const aboutData = (subject: IdentityChange['subject'], field: string) => (event: DomainEvent) => ({
  subject,
  id: String(event.data[field]),
})

/** Every event after which `appIdentity` or `memberIdentity` may answer otherwise, and about whom. */
const changes: Readonly<Record<string, (event: DomainEvent) => IdentityChange>> = {
  'app.changed': about('APP'),
  'app.revoked': about('APP'),
  'app_credential.revoked': aboutData('APP', 'appId'),
  'app_credential.expired': aboutData('APP', 'appId'),
  'member.changed': about('MEMBER'),
  'member.role_changed': about('MEMBER'),
  'member.deactivated': about('MEMBER'),
  'consent.granted': aboutData('MEMBER', 'memberId'),
  'consent.changed': aboutData('MEMBER', 'memberId'),
  'consent.revoked': aboutData('MEMBER', 'memberId'),
  'consent.expired': aboutData('MEMBER', 'memberId'),
  'organization.approved': about('ORGANIZATION'),
  'organization.rejected': about('ORGANIZATION'),
  'organization.suspended': about('ORGANIZATION'),
  'organization.reinstated': about('ORGANIZATION'),
  'organization.terminated': about('ORGANIZATION'),
  'organization.changed': about('ORGANIZATION'),
  'organization.tier_changed': about('ORGANIZATION'),
  'declared_scope.offered': aboutData('SCOPE', 'scope'),
  'declared_scope.ended': aboutData('SCOPE', 'scope'),
}

export const identityChangeResolvers: Resolvers<PartnerContext> = {
  Subscription: {
    identityChanged: {
      async subscribe(_: unknown, _args: unknown, { events }: PartnerContext) {
        const feed = await events.subscribe(Object.keys(changes))
        return withSignsOfLife(feed, { everyMs: signEveryMs, limit: mostWaiting })
      },
      resolve: (event: DomainEvent | null) => (event === null ? signOfLife : changes[event.type]?.(event)),
    },
  },
}
