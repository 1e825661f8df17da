import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { StreamArguments } from '../../../kit/event-feed.ts'
import type { DomainEvent } from '../../../kit/events.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import { visibleOrganization } from '../../../storage/visible-organization.ts'
import { command } from '../command.ts'
import type { DealContext } from '../deal-context.ts'
import { loseDeal, winDeal } from '../opportunities/close-registration.ts'
import { convertDeal } from '../opportunities/convert-deal.ts'
import { reopenDeal } from '../opportunities/reopen-deal.ts'
import { addDealEvidence } from './add-evidence.ts'
import type { DealRegistrationDocument } from './deal-document.ts'
import { type DealListFilter, dealConditions } from './deal-filter.ts'
import { decideDeal } from './decide-deal.ts'
import { editDeal } from './edit-deal.ts'
import { type DealChangeFilter, dealChange, dealChanges } from './events.ts'
import { extendDeal } from './extend-deal.ts'
import { contendedCustomer, registerDeal } from './register-deal.ts'
import { reviewDeal } from './review-deal.ts'
import { saveDealDraft } from './save-draft.ts'
import { submitDeal } from './submit-deal.ts'
import { withdrawDeal } from './withdraw-deal.ts'

interface ById {
  readonly id: string
}
type ListArgs = ConnectionArgs & DealListFilter

/** A payload's registration, read anew through its loader, so that a repeated key answers as the first call did. */
const payload = ({ id, userErrors }: MutationOutcome, { loaders }: DealContext) => ({
  dealRegistration: id === null ? null : loaders.deal.load(id),
  userErrors,
})
const options = { payload }

export const registrationResolvers = {
  Query: {
    dealRegistration: (_: unknown, { id }: ById, { loaders }: DealContext) => loaders.deal.load(id),
    dealRegistrations: (_: unknown, args: ListArgs, { caller, models: { deals } }: DealContext) =>
      readConnection<DealRegistrationDocument>(args, {
        sortField: 'createdAt',
        direction: -1,
        read: (page) => deals.page(caller, args, page),
        count: () => deals.count(caller, args),
      }),
  },
  Mutation: {
    registerDeal: command('registerDeal', registerDeal, { payload, contended: contendedCustomer }),
    saveDealDraft: command('saveDealDraft', saveDealDraft, options),
    editDeal: command('editDeal', editDeal, options),
    submitDeal: command('submitDeal', submitDeal, options),
    reviewDeal: command('reviewDeal', reviewDeal, options),
    decideDeal: command('decideDeal', decideDeal, options),
    withdrawDeal: command('withdrawDeal', withdrawDeal, options),
    addDealEvidence: command('addDealEvidence', addDealEvidence, options),
    extendDeal: command('extendDeal', extendDeal, options),
    convertDeal: command('convertDeal', convertDeal, options),
    winDeal: command('winDeal', winDeal, options),
    loseDeal: command('loseDeal', loseDeal, options),
    reopenDeal: command('reopenDeal', reopenDeal, options),
  },
  Subscription: {
    dealChanged: {
      subscribe: (
        _: unknown,
        args: StreamArguments & { readonly filter?: DealChangeFilter | null },
        context: DealContext,
      ) => dealChanges(context, args),
      resolve: (event: DomainEvent, _: unknown, { cursors, loaders }: DealContext) =>
        dealChange(event, { cursor: cursors.encode(event.position), deal: loaders.deal.load(event.subject) }),
    },
  },
  DealRegistration: {
    id: ({ _id }: DealRegistrationDocument) => _id,
    organization: ({ organizationId }: DealRegistrationDocument) => ({ id: organizationId }),
    product: ({ productId }: DealRegistrationDocument) => ({ id: productId }),
    sku: ({ skuId }: DealRegistrationDocument) => (skuId === null ? null : { id: skuId }),
    resubmitBy: ({ state, heldUntil }: DealRegistrationDocument) => (state === 'RETURNED' ? heldUntil : null),
    lead: ({ leadId }: DealRegistrationDocument, _: unknown, { loaders }: DealContext) =>
      leadId === null ? null : loaders.lead.load(leadId),
    opportunity: ({ opportunityId }: DealRegistrationDocument, _: unknown, { loaders }: DealContext) =>
      opportunityId === null ? null : loaders.opportunity.load(opportunityId),
    __resolveReference: ({ id }: ById, { loaders }: DealContext) => loaders.deal.load(id),
  },
  Organization: {
    __resolveReference: ({ id }: ById, { caller }: DealContext) => visibleOrganization(caller, id),
    dealRegistrations: ({ id }: ById, { first, after, ...filter }: ListArgs, { loaders }: DealContext) =>
      loaders.dealsOfOrganization(id, { first: first ?? null, after: after ?? null }, dealConditions(filter)),
  },
} satisfies Resolvers<DealContext>
