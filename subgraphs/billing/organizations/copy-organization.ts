import type { ClientSession } from 'mongoose'
import type { DomainEvent } from '../../../kit/events.ts'
import type { BillingWork } from '../billing-work.ts'

const changes = ['applied', 'approved', 'rejected', 'suspended', 'reinstated', 'terminated', 'changed']

/** The events that tell what an organization has become, each with all that we keep of it. */
export const organizationChanges: readonly string[] = changes.map((change) => `organization.${change}`)

/** Keeps what the partner subgraph tells of an organization. */
export async function copyOrganization(
  { models }: Pick<BillingWork, 'models'>,
  { subject, time, data }: DomainEvent,
  session: ClientSession,
): Promise<void> {
  const { name, status, tierId } = data
  const tier = typeof tierId === 'string' ? tierId : null
  const copy = { _id: subject, name: String(name), status: String(status), tierId: tier, asOf: time }
  await models.organizations.keep(copy, session)
}
