import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import { requireOperator } from '../../../storage/command-target.ts'
import { command } from '../command.ts'
import type { DealContext } from '../deal-context.ts'
import { releaseCustomer } from './release-customer.ts'
import { reserveCustomer } from './reserve-customer.ts'
import type { ReservationKind, ReservedCustomerDocument } from './reserved-customers.ts'

interface ListArgs extends ConnectionArgs {
  readonly kind?: ReservationKind | null
  readonly active?: boolean | null
  readonly search?: string | null
}

const payload = ({ id, userErrors }: MutationOutcome, { loaders }: DealContext) => ({
  reservedCustomer: id === null ? null : loaders.reservedCustomer.load(id),
  userErrors,
})

export const reservedCustomerResolvers = {
  Query: {
    reservedCustomers: (_: unknown, args: ListArgs, context: DealContext) => {
      requireOperator(context, 'sees which customers it keeps for itself')
      const { reservedCustomers } = context.models
      const filter = { kind: args.kind ?? null, active: args.active ?? true, search: args.search ?? null }
      return readConnection<ReservedCustomerDocument>(args, {
        sortField: 'createdAt',
        direction: -1,
        read: (page) => reservedCustomers.page(filter, page),
        count: () => reservedCustomers.count(filter),
      })
    },
  },
  Mutation: {
    reserveCustomer: command('reserveCustomer', reserveCustomer, { payload }),
    releaseCustomer: command('releaseCustomer', releaseCustomer, { payload }),
  },
  ReservedCustomer: { id: ({ _id }: ReservedCustomerDocument) => _id },
} satisfies Resolvers<DealContext>
