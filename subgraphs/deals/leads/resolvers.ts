import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import { command } from '../command.ts'
import type { DealContext } from '../deal-context.ts'
import { acceptLead } from './accept-lead.ts'
import { assignLead } from './assign-lead.ts'
import { convertLead } from './convert-lead.ts'
import { createLead } from './create-lead.ts'
import { declineLead } from './decline-lead.ts'
import { disqualifyLead } from './disqualify-lead.ts'
import type { LeadFilter } from './leads.ts'
import type { LeadView } from './mask-lead.ts'

const payload = ({ id, userErrors }: MutationOutcome, { loaders }: DealContext) => ({
  lead: id === null ? null : loaders.lead.load(id),
  userErrors,
})
const options = { payload }

export const leadResolvers = {
  Query: {
    lead: (_: unknown, { id }: { readonly id: string }, { loaders }: DealContext) => loaders.lead.load(id),
    leads: (_: unknown, args: ConnectionArgs & LeadFilter, { caller, models: { leads } }: DealContext) =>
      readConnection<LeadView>(args, {
        sortField: 'createdAt',
        direction: -1,
        read: (page) => leads.page(caller, args, page),
        count: () => leads.count(caller, args),
      }),
  },
  Mutation: {
    createLead: command('createLead', createLead, options),
    assignLead: command('assignLead', assignLead, options),
    acceptLead: command('acceptLead', acceptLead, options),
    declineLead: command('declineLead', declineLead, options),
    disqualifyLead: command('disqualifyLead', disqualifyLead, options),
    convertLead: command('convertLead', convertLead, options),
  },
  Lead: {
    id: ({ _id }: LeadView) => _id,
    organization: ({ organizationId }: LeadView) => (organizationId === null ? null : { id: organizationId }),
    product: ({ productId }: LeadView) => (productId === null ? null : { id: productId }),
    deal: ({ dealId }: LeadView, _: unknown, { loaders }: DealContext) =>
      dealId === null ? null : loaders.deal.load(dealId),
  },
  LeadPassedOn: {
    organization: ({ organizationId }: { readonly organizationId: string }) => ({ id: organizationId }),
  },
} satisfies Resolvers<DealContext>
