import type { ConnectionArgs } from '../../../kit/connection.ts'
import { CodedError } from '../../../kit/errors.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { BillingContext } from '../billing-context.ts'
import { range } from '../date-range.ts'
import { idOf, organizationReference } from '../organization-reference.ts'
import type { Account } from './accounts.ts'
import type { LedgerBalance } from './balance-model.ts'
import type { LedgerEntry } from './ledger-transaction.ts'
import { verifyLedger } from './verify-ledger.ts'

interface ById {
  readonly id: string
}
interface EntryFilter {
  readonly account?: Account | null
  readonly reference?: string | null
  readonly occurredFrom?: Date | null
  readonly occurredTo?: Date | null
}

const conditionOf = ({ account, reference, occurredFrom, occurredTo }: EntryFilter) => ({
  ...(account ? { account } : {}),
  ...(reference ? { reference } : {}),
  ...range('occurredAt', occurredFrom, occurredTo),
})
const amountOf = ({ minorUnits, currencyCode }: LedgerEntry | LedgerBalance) => ({ minorUnits, currencyCode })

/** The platform's own books are the operator's, whatever scopes a partner's app may have. */
function requireOperator({ caller }: BillingContext): void {
  if (!caller.operator) throw new CodedError('FORBIDDEN', "Only the platform operator may read the platform's books.")
}

export const ledgerResolvers: Resolvers<BillingContext> = {
  Query: {
    ledgerEntries: (_: unknown, args: ConnectionArgs & EntryFilter, { models, caller }: BillingContext) =>
      models.ledger.readPage(caller, conditionOf(args), args),
    ledgerBalances: (_: unknown, _args: unknown, context: BillingContext) => {
      requireOperator(context)
      return context.models.ledger.balances.read(null)
    },
    verifyLedger: (_: unknown, args: ConnectionArgs, context: BillingContext) => {
      requireOperator(context)
      return verifyLedger(context.models.ledger, args)
    },
  },
  Organization: {
    ledgerEntries: ({ id }: ById, args: ConnectionArgs & EntryFilter, { loaders }: BillingContext) =>
      loaders.ledgerEntriesOfOrganization(id, args, conditionOf(args)),
    ledgerBalances: ({ id }: ById, _args: unknown, { loaders }: BillingContext) => loaders.ledgerBalances.load(id),
  },
  LedgerEntry: { id: idOf, organization: organizationReference, amount: amountOf },
  LedgerBalance: { balance: amountOf },
}
