import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { command } from '../command.ts'
import { idOf, organizationReference } from '../organization-reference.ts'
import { createPayout } from './create-payout.ts'
import type { PayoutStatus } from './payout.ts'
import { setPayoutMinimum, settlePayout } from './settle-payout.ts'

interface ById {
  readonly id: string
}
type PayoutArgs = ConnectionArgs & { readonly status?: PayoutStatus | null }

const payload = ({ id, userErrors }: MutationOutcome, { loaders }: BillingContext) => ({
  payout: id === null ? null : loaders.payouts.load(id),
  userErrors,
})

export const payoutResolvers: Resolvers<BillingContext> = {
  Query: {
    payouts: (_: unknown, { status, ...page }: PayoutArgs, { models, caller }: BillingContext) =>
      models.payouts.readPage(caller, status ? { status } : {}, page),
  },
  Mutation: {
    createPayout: command('createPayout', createPayout, payload, {
      operatorOnly: true,
      contended: ({ organizationId }) => [organizationId],
    }),
    settlePayout: command('settlePayout', settlePayout, payload, {
      operatorOnly: true,
      contended: ({ id }) => [id],
    }),
    setPayoutMinimum: command(
      'setPayoutMinimum',
      setPayoutMinimum,
      async ({ id, userErrors }, { loaders }) => {
        const minimum = id === null ? null : await loaders.payoutMinimums.load(id)
        return {
          minimum: minimum === null ? null : { minorUnits: minimum.minorUnits, currencyCode: minimum._id },
          userErrors,
        }
      },
      { operatorOnly: true },
    ),
  },
  Organization: {
    payouts: ({ id }: ById, { status, ...page }: PayoutArgs, { loaders }: BillingContext) =>
      loaders.payoutsOfOrganization(id, page, status ? { status } : {}),
  },
  Payout: { id: idOf, organization: organizationReference },
}
