import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { command } from '../command.ts'
import { range } from '../date-range.ts'
import { idOf, organizationReference } from '../organization-reference.ts'
import { approveCommission } from './approve-commission.ts'
import type { Commission, CommissionStatus } from './commission.ts'
import type { CommissionRuleStatus } from './commission-rule.ts'
import { archiveCommissionRule, createCommissionRule } from './commission-rule-commands.ts'

interface ById {
  readonly id: string
}
interface CommissionFilter {
  readonly status?: CommissionStatus | null
  readonly accruedFrom?: Date | null
  readonly accruedTo?: Date | null
}
interface RuleFilter {
  readonly status?: CommissionRuleStatus | null
  readonly organizationId?: string | null
  readonly tierId?: string | null
  readonly family?: string | null
}

const conditionOf = ({ status, accruedFrom, accruedTo }: CommissionFilter) => ({
  ...(status ? { status } : {}),
  ...range('accruedAt', accruedFrom, accruedTo),
})
const rulePayload = ({ id, userErrors }: MutationOutcome, { loaders }: BillingContext) => ({
  commissionRule: id === null ? null : loaders.commissionRules.load(id),
  userErrors,
})

export const commissionResolvers: Resolvers<BillingContext> = {
  Query: {
    commissions: (_: unknown, args: ConnectionArgs & CommissionFilter, { models, caller }: BillingContext) =>
      models.commissions.readPage(caller, conditionOf(args), args),
    commissionRules: (
      _: unknown,
      { first, after, ...filter }: ConnectionArgs & RuleFilter,
      { models }: BillingContext,
    ) => {
      const condition = Object.fromEntries(Object.entries(filter).filter(([, value]) => value))
      return models.commissionRules.readPage(condition, { first: first ?? null, after: after ?? null })
    },
  },
  Mutation: {
    createCommissionRule: command('createCommissionRule', createCommissionRule, rulePayload, { operatorOnly: true }),
    archiveCommissionRule: command('archiveCommissionRule', archiveCommissionRule, rulePayload, { operatorOnly: true }),
    approveCommission: command(
      'approveCommission',
      approveCommission,
      ({ id, userErrors }, { loaders }) => ({
        commission: id === null ? null : loaders.commissions.load(id),
        userErrors,
      }),
      { operatorOnly: true, contended: ({ id }) => [id] },
    ),
  },
  Organization: {
    commissions: ({ id }: ById, args: ConnectionArgs & CommissionFilter, { loaders }: BillingContext) =>
      loaders.commissionsOfOrganization(id, args, conditionOf(args)),
  },
  DealRegistration: {
    __resolveReference: ({ id }: ById) => ({ id }),
    commission: ({ id }: ById, _args: unknown, { loaders }: BillingContext) => loaders.commissionsByDeal.load(id),
  },
  Commission: {
    __resolveReference: ({ id }: ById, { loaders }: BillingContext) => loaders.commissions.load(id),
    id: idOf,
    organization: organizationReference,
    rateBasisPoints: ({ rateBasisPoints }: Commission) => rateBasisPoints ?? 0,
    dealRegistration: ({ dealId }: Commission) => ({ __typename: 'DealRegistration', id: dealId }),
  },
  CommissionRule: { id: idOf },
}
