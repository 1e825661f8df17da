import type { Reaction } from '../../../kit/background.ts'
import type { DomainEvent, EventValue } from '../../../kit/events.ts'
import type { CatalogModels } from '../catalog-models.ts'
import { delistListingsOfApp, delistListingsOfOrganization } from '../marketplace/delist-app-listing.ts'

/**
 * Keeps the tier, territories and status of organizations, which decide what they may view and pay; what a terminated
 * one offered leaves the marketplace.
 */
export const keepOrganizations: Reaction<CatalogModels> = {
  name: 'keep-organizations',
  types: [
    'organization.applied',
    'organization.approved',
    'organization.rejected',
    'organization.suspended',
    'organization.reinstated',
    'organization.terminated',
    'organization.changed',
  ],
  async handle(context, { type, subject, data, time }, session) {
    await context.models.organizations.take(session, {
      _id: subject,
      name: textOf(data['name']),
      status: textOf(data['status']),
      tierId: typeof data['tierId'] === 'string' ? data['tierId'] : null,
      territories: Array.isArray(data['territories']) ? (data['territories'] as readonly string[]) : [],
      country: textOf(data['country']),
      asOf: time,
    })
    if (type === 'organization.terminated') await delistListingsOfOrganization(context, subject, session)
  },
}

/** Knows whose an app is, and takes what a revoked app offered off the marketplace. */
export const keepApps: Reaction<CatalogModels> = {
  name: 'keep-apps',
  types: ['app.created', 'app.revoked'],
  async handle(context, { type, subject, data }: DomainEvent, session) {
    const revoked = type === 'app.revoked'
    await context.models.apps.take(session, {
      _id: subject,
      organizationId: textOf(data['organizationId']),
      revoked,
    })
    if (revoked) await delistListingsOfApp(context, subject, session)
  },
}

function textOf(value: EventValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
