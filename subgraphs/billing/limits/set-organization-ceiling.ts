import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { notFound } from '../command.ts'
import { ceilingChanged } from './limits-changes.ts'

export interface OrganizationCeilingInput {
  readonly organizationId: string
  readonly bucketSize?: number | null
  readonly restoreRate?: number | null
  readonly monthlyCalls?: number | null
}

/** Sets the ceiling of an organization's apps; without any limit it is taken away. Answers the organization's id. */
export async function setOrganizationCeiling(
  { models, events }: BillingContext,
  { organizationId, bucketSize = null, restoreRate = null, monthlyCalls = null }: OrganizationCeilingInput,
  session: ClientSession,
): Promise<string> {
  if ((await models.organizations.find(organizationId, session)) === null) {
    throw notFound('organization', 'organizationId')
  }
  const given = [bucketSize, restoreRate, monthlyCalls].filter((value) => value !== null)
  if (given.some((value) => value < 1) || (bucketSize === null) !== (restoreRate === null)) {
    const message = 'Limits are 1 or more; bucketSize and restoreRate belong together.'
    throw refuse('INVALID_LIMITS', ['input'], message)
  }
  const ceiling = { _id: organizationId, bucketSize, restoreRate, monthlyCalls }
  await (given.length === 0
    ? models.organizationCeilings.remove(organizationId, session)
    : models.organizationCeilings.set(ceiling, session))
  await events.append(session, ceilingChanged(organizationId))
  return organizationId
}
