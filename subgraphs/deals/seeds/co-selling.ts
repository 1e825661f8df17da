import { seededId } from '../../../kit/ids.ts'
import { demoDeals } from '../../demo-world/deals.ts'
import { demoOrganization } from '../../demo-world/organizations.ts'
import type { CoSellEngagementDocument } from '../co-selling/engagement-document.ts'
import type { DealModels } from '../models.ts'
import { isExclusive } from '../registrations/deal-state.ts'

type Row = readonly [owner: string, guest: string, state: 'INVITED' | 'ACTIVE' | 'CLOSED', message: string]

const rows: readonly Row[] = [
  ['northwind', 'meridian', 'ACTIVE', 'Could your solution architect join the sizing workshop?'],
  ['alpenland', 'northwind', 'INVITED', 'The customer has sites in the Netherlands; would you install there?'],
  ['northwind', 'alpenland', 'ACTIVE', 'We need your team in Tyrol for the roll-out.'],
  ['fjordline', 'meridian', 'CLOSED', 'We need a second opinion on the storage.'],
]

/** Writes the demo's engagements, each on another deal of its owner that is not closed. */
export async function seedCoSelling({ engagements }: DealModels, now: Date): Promise<void> {
  const taken = new Set<string>()
  const documents = rows.flatMap(([owner, guest, state, message]): CoSellEngagementDocument[] => {
    const deal = demoDeals.find(
      ({ id, organization, state: at }) => organization === owner && isExclusive(at) && !taken.has(id),
    )
    if (deal === undefined) return []
    taken.add(deal.id)
    const [ownerId, guestId] = [demoOrganization(owner).id, demoOrganization(guest).id]
    return [
      {
        _id: seededId('CoSellEngagement', `${owner}:${guest}`),
        dealId: deal.id,
        ownerId,
        guestId,
        invitedBy: ownerId,
        state,
        message,
        shared: ['CUSTOMER', 'PRODUCT', 'CLOSE_DATE'],
        notes:
          state === 'ACTIVE'
            ? [{ organizationId: guestId, text: 'Gladly; next week suits us.', private: false, at: now }]
            : [],
        open: state !== 'CLOSED',
        version: 1,
        createdAt: now,
        updatedAt: now,
      },
    ]
  })
  await engagements.insert(documents)
}
