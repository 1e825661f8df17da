import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import { visibleOrganization } from '../../../storage/visible-organization.ts'
import { command } from '../command.ts'
import type { DealContext } from '../deal-context.ts'
import { addCoSellNote } from './add-note.ts'
import { acceptCoSell, declineCoSell } from './answer-co-sell.ts'
import { closeCoSell } from './close-co-sell.ts'
import type { EngagementState } from './engagement-state.ts'
import type { CoSellEngagementDocument, CoSellSide } from './engagement-document.ts'
import { inviteCoSell } from './invite-co-sell.ts'
import { shareCoSell } from './share-fields.ts'
import { sharedDealFor } from './shared-deal.ts'

interface ListArgs extends ConnectionArgs {
  readonly side?: CoSellSide | null
  readonly state?: EngagementState | null
  readonly dealId?: string | null
}

const payload = ({ id, userErrors }: MutationOutcome, { loaders }: DealContext) => ({
  coSellEngagement: id === null ? null : loaders.engagement.load(id),
  userErrors,
})
const options = { payload }

export const coSellResolvers = {
  Query: {
    coSellEngagement: (_: unknown, { id }: { readonly id: string }, { loaders }: DealContext) =>
      loaders.engagement.load(id),
    coSellEngagements: (_: unknown, args: ListArgs, { caller, models: { engagements } }: DealContext) => {
      const filter = { side: args.side ?? 'OWNER', state: args.state ?? null, dealId: args.dealId ?? null }
      return readConnection<CoSellEngagementDocument>(args, {
        sortField: 'createdAt',
        direction: -1,
        read: (page) => engagements.page(caller, filter, page),
        count: () => engagements.count(caller, filter),
      })
    },
  },
  Mutation: {
    inviteCoSell: command('inviteCoSell', inviteCoSell, options),
    acceptCoSell: command('acceptCoSell', acceptCoSell, options),
    declineCoSell: command('declineCoSell', declineCoSell, options),
    closeCoSell: command('closeCoSell', closeCoSell, options),
    shareCoSell: command('shareCoSell', shareCoSell, options),
    addCoSellNote: command('addCoSellNote', addCoSellNote, options),
  },
  CoSellEngagement: {
    id: ({ _id }: CoSellEngagementDocument) => _id,
    // Another partner's organization is not there for the caller in the subgraph that owns it either.
    owner: ({ ownerId }: CoSellEngagementDocument, _: unknown, { caller }: DealContext) =>
      visibleOrganization(caller, ownerId),
    guest: ({ guestId }: CoSellEngagementDocument, _: unknown, { caller }: DealContext) =>
      visibleOrganization(caller, guestId),
    ownerName: async ({ ownerId }: CoSellEngagementDocument, _: unknown, { loaders }: DealContext) =>
      (await loaders.organization.load(ownerId))?.name,
    guestName: async ({ guestId }: CoSellEngagementDocument, _: unknown, { loaders }: DealContext) =>
      (await loaders.organization.load(guestId))?.name,
    invitedBy: ({ invitedBy, ownerId }: CoSellEngagementDocument) => sideOf(invitedBy, ownerId),
    deal: async (engagement: CoSellEngagementDocument, _: unknown, { caller, loaders }: DealContext) => {
      const deal = await loaders.sharedDeal.load(engagement.dealId)
      return deal && sharedDealFor(caller, engagement, deal)
    },
    // Not even the operator reads what one side keeps from the other.
    notes: ({ notes, ownerId }: CoSellEngagementDocument, _: unknown, { caller }: DealContext) =>
      notes
        .filter((note) => !note.private || note.organizationId === caller.organizationId)
        .map((note) => ({ ...note, by: sideOf(note.organizationId, ownerId) })),
  },
} satisfies Resolvers<DealContext>

function sideOf(organizationId: string, ownerId: string): CoSellSide {
  return organizationId === ownerId ? 'OWNER' : 'GUEST'
}
