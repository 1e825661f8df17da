import type { NewEvent } from '../../../kit/events.ts'
import type { Organization } from './organizations.ts'

type Change = 'applied' | 'approved' | 'rejected' | 'suspended' | 'reinstated' | 'terminated' | 'changed'

/** An event about an organization. It tells the whole of what other subgraphs keep, so that each stands alone. */
export function organizationEvent(change: Change, organization: Organization): NewEvent {
  const { _id, name, type, status, tierId, territories, country } = organization
  return {
    type: `organization.${change}`,
    subject: _id,
    audience: [_id],
    data: { name, type, status, tierId, territories: [...territories], country },
  }
}
