import type { ClientSession } from 'mongoose'
import type { EventLog } from '../../../kit/events.ts'
import type { PartnerModels } from '../models.ts'
import { organizationEvent } from '../organizations/organization-events.ts'
import type { Organization } from '../organizations/organizations.ts'
import { tierChangedEvent } from './tier-events.ts'

/** Puts an organization into another tier and tells so. */
export async function moveToTier(
  { models, events }: { readonly models: PartnerModels; readonly events: EventLog },
  session: ClientSession,
  { organization, tierId }: { readonly organization: Organization; readonly tierId: string },
): Promise<void> {
  if (organization.tierId === tierId) return
  const moved = await models.organizations.change(session, organization, { tierId })
  await events.append(session, organizationEvent('changed', moved), tierChangedEvent(moved, organization.tierId))
}
