import { CodedError } from '../../../kit/errors.ts'
import { isIdOf } from '../../../kit/ids.ts'
import type { Ledger } from './ledger-model.ts'
import { balancesOf } from './balance-model.ts'
import { type LedgerEntry, unbalancedCurrencies } from './ledger-transaction.ts'

const largestStep = 1_000

/** Checks one step of the ledger's transactions and answers what they come to, so that a walk adds up to the balances. */
export async function verifyLedger(
  ledger: Ledger,
  { first, after }: { readonly first?: number | null; readonly after?: string | null },
) {
  const step = first ?? largestStep
  if (!Number.isInteger(step) || step < 1 || step > largestStep) {
    throw new CodedError('BAD_USER_INPUT', `\`first\` must be between 1 and ${largestStep}.`, { argument: 'first' })
  }
  if (after && !isIdOf('LedgerTransaction', after)) {
    throw new CodedError('BAD_USER_INPUT', '`after` takes the `endCursor` of the step before.', { argument: 'after' })
  }
  const found = await ledger.transactionsAfter(after ?? '', step + 1)
  const transactions = found.slice(0, step)
  const entries = await ledger.entriesOf(transactions.map(({ _id }) => _id))
  const byTransaction = new Map<string, LedgerEntry[]>(transactions.map(({ _id }) => [_id, []]))
  for (const entry of entries) byTransaction.get(entry.transactionId)?.push(entry)
  return {
    transactions: transactions.length,
    entries: entries.length,
    unbalanced: transactions.flatMap(({ _id }) => {
      const own = byTransaction.get(_id) ?? []
      return own.length < 2 || unbalancedCurrencies(own).length > 0 ? [_id] : []
    }),
    sums: balancesOf(entries).filter(({ organizationId }) => organizationId === null),
    endCursor: transactions.at(-1)?._id ?? null,
    hasNextPage: found.length > step,
  }
}
