import type { ConnectionArgs } from '../../../kit/connection.ts'
import { moneyResolvers } from '../../../kit/money.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { command } from '../command.ts'
import type { Organization } from '../organizations/organizations.ts'
import type { PartnerContext } from '../partner-context.ts'
import { assignTier } from './assign-tier.ts'
import { createPartnerTier } from './create-partner-tier.ts'
import { decideTierProposal } from './decide-tier-proposal.ts'
import type { TierStanding } from './standings.ts'
import type { TierProposal, TierProposalFilter } from './tier-proposals.ts'
import type { PartnerTier } from './tiers.ts'
import { updatePartnerTier } from './update-partner-tier.ts'

interface ById {
  readonly id: string
}

const partnerTier = {
  field: 'partnerTier',
  load: ({ loaders }: PartnerContext, id: string) => loaders.tiers.clear(id).load(id),
}

const tierOf = (id: string | null, { loaders }: PartnerContext) => (id === null ? null : loaders.tiers.load(id))

export const tierResolvers: Resolvers<PartnerContext> = {
  Query: {
    partnerTier: (_: unknown, { id }: ById, { loaders }: PartnerContext) => loaders.tiers.load(id),
    partnerTiers: (_: unknown, args: ConnectionArgs, { models, caller }: PartnerContext) =>
      models.tiers.list(caller, args),
    tierProposals: (_: unknown, args: ConnectionArgs & TierProposalFilter, { models, caller }: PartnerContext) =>
      models.tierProposals.list(caller, args),
  },
  Mutation: {
    createPartnerTier: command('createPartnerTier', { run: createPartnerTier, ...partnerTier }),
    updatePartnerTier: command('updatePartnerTier', { run: updatePartnerTier, ...partnerTier }),
    assignTier: command('assignTier', {
      run: assignTier,
      field: 'organization',
      load: ({ loaders }, id) => loaders.organizations.clear(id).load(id),
    }),
    decideTierProposal: command('decideTierProposal', {
      run: decideTierProposal,
      field: 'tierProposal',
      load: ({ loaders }, id) => loaders.tierProposals.clear(id).load(id),
    }),
  },
  Organization: {
    tierStanding: ({ _id }: Organization, _args: unknown, { loaders }: PartnerContext) => loaders.standings.load(_id),
  },
  PartnerTier: {
    __resolveReference: ({ id }: ById, { loaders }: PartnerContext) => loaders.tiers.load(id),
    id: ({ _id }: PartnerTier) => _id,
    grants: ({ grants }: PartnerTier) => grants ?? [],
  },
  TierStanding: {
    reachedTier: ({ reachedTierId }: TierStanding, _args: unknown, context: PartnerContext) =>
      tierOf(reachedTierId, context),
  },
  TierProposal: {
    __resolveReference: ({ id }: ById, { loaders }: PartnerContext) => loaders.tierProposals.load(id),
    id: ({ _id }: TierProposal) => _id,
    organization: ({ organizationId }: TierProposal, _args: unknown, { loaders }: PartnerContext) =>
      loaders.organizations.load(organizationId),
    from: ({ fromTierId }: TierProposal, _args: unknown, context: PartnerContext) => tierOf(fromTierId, context),
    to: ({ toTierId }: TierProposal, _args: unknown, context: PartnerContext) => tierOf(toTierId, context),
  },
  ...moneyResolvers,
}
