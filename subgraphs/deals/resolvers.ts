import { type ConnectionArgs, readConnection } from '../../kit/connection.ts'
import type { DomainEvent } from '../../kit/events.ts'
import { moneyResolvers } from '../../kit/money.ts'
import type { Resolvers } from '../../kit/subgraph-definition.ts'
import { type MutationOutcome, mutate } from '../../storage/mutate.ts'
import type { DealContext } from './deal-context.ts'
import type { DealState } from './deal-state.ts'
import { type DecideDealInput, decideDeal } from './decide-deal.ts'
import { dealChange, dealChanges } from './events.ts'
import { type DealRegistrationDocument, inState } from './models/deal-registration.ts'
import { registerDeal } from './register-deal.ts'
import type { RegisterDealInput } from './rules.ts'

interface ById {
  readonly id: string
}
interface ListArgs extends ConnectionArgs {
  readonly state?: DealState | null
}
interface Command<Input> {
  readonly input: Input
  readonly idempotencyKey?: string | null
}

/** A payload's registration, read anew through its loader, so that a repeated key answers as the first call did. */
const dealPayload = ({ id, userErrors }: MutationOutcome, { loaders }: DealContext) => ({
  dealRegistration: id === null ? null : loaders.deal.load(id),
  userErrors,
})

export const resolvers: Resolvers<DealContext> = {
  Query: {
    dealRegistration: (_: unknown, { id }: ById, { loaders }: DealContext) => loaders.deal.load(id),
    dealRegistrations: (_: unknown, { state = null, ...args }: ListArgs, { caller, models }: DealContext) =>
      readConnection<DealRegistrationDocument>(args, {
        sortField: 'createdAt',
        direction: -1,
        read: (page) => models.deals.page(caller, { state }, page),
        count: () => models.deals.count(caller, { state }),
      }),
  },
  Mutation: {
    registerDeal: async (_: unknown, call: Command<RegisterDealInput>, context: DealContext) =>
      dealPayload(
        await mutate(context, { name: 'registerDeal', ...call }, (session) =>
          registerDeal(context, call.input, session),
        ),
        context,
      ),
    decideDeal: async (_: unknown, call: Command<DecideDealInput>, context: DealContext) =>
      dealPayload(
        await mutate(context, { name: 'decideDeal', ...call }, (session) => decideDeal(context, call.input, session)),
        context,
      ),
  },
  Subscription: {
    dealChanged: {
      subscribe: (_: unknown, { states }: { states?: readonly DealState[] | null }, { events, caller }: DealContext) =>
        dealChanges(events, caller, states),
      resolve: (event: DomainEvent, _: unknown, { loaders }: DealContext) =>
        dealChange(event, loaders.deal.load(event.subject)),
    },
  },
  DealRegistration: {
    id: ({ _id }: DealRegistrationDocument) => _id,
    organization: ({ organizationId }: DealRegistrationDocument) => ({ id: organizationId }),
    product: ({ productId }: DealRegistrationDocument) => ({ id: productId }),
    sku: ({ skuId }: DealRegistrationDocument) => (skuId === null ? null : { id: skuId }),
    __resolveReference: ({ id }: ById, { loaders }: DealContext) => loaders.deal.load(id),
  },
  Organization: {
    dealRegistrations: ({ id }: ById, { state = null, ...args }: ListArgs, { loaders }: DealContext) =>
      loaders.dealsOfOrganization(id, args, inState({ state })),
  },
  ...moneyResolvers,
}
