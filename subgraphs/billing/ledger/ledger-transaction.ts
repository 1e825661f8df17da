import { createId } from '../../../kit/ids.ts'
import { exactNumber } from '../money/rounding.ts'
import { type Account, type TransactionType, accounts } from './accounts.ts'

/** One movement of money to be recorded: what is debited is above zero, what is credited below. */
export interface NewLedgerTransaction {
  /** Names the movement once and for all, for example `payout.paid:po_…`: it cannot be recorded twice. */
  readonly key: string
  readonly type: TransactionType
  /** Whose money it is about. */
  readonly organizationId: string
  /** The id of the document that caused it. */
  readonly reference: string
  readonly occurredAt: Date
  readonly entries: readonly {
    readonly account: Account
    readonly minorUnits: number
    readonly currencyCode: string
  }[]
}

export interface LedgerTransaction extends Omit<NewLedgerTransaction, 'entries'> {
  readonly _id: string
}

export interface LedgerEntry {
  readonly _id: string
  readonly transactionId: string
  readonly type: TransactionType
  readonly reference: string
  readonly account: Account
  /** Null for accounts of the platform itself. */
  readonly organizationId: string | null
  readonly currencyCode: string
  readonly minorUnits: number
  readonly occurredAt: Date
}

/**
 * The one place where a movement becomes entries, and where it is refused unless they sum to zero in each currency.
 * Entries of one account and currency are put together; null when nothing is moved at all.
 */
export function ledgerTransaction(
  movement: NewLedgerTransaction,
): { readonly transaction: LedgerTransaction; readonly entries: readonly LedgerEntry[] } | null {
  const { entries: moved, ...rest } = movement
  const sums = new Map<string, { account: Account; currencyCode: string; minorUnits: bigint }>()
  for (const { account, currencyCode, minorUnits } of moved) {
    const key = `${account}:${currencyCode}`
    const before = sums.get(key)?.minorUnits ?? 0n
    sums.set(key, { account, currencyCode, minorUnits: before + BigInt(minorUnits) })
  }
  const unbalanced = unbalancedCurrencies([...sums.values()])
  if (unbalanced.length > 0) throw new Error(`${movement.key} does not sum to zero in ${unbalanced.join(', ')}`)
  const transaction = { _id: createId('LedgerTransaction'), ...rest }
  const entries = [...sums.values()]
    .filter(({ minorUnits }) => minorUnits !== 0n)
    .map(({ account, currencyCode, minorUnits }) => ({
      _id: createId('LedgerEntry'),
      transactionId: transaction._id,
      type: rest.type,
      reference: rest.reference,
      account,
      organizationId: accounts[account].ofOrganization ? rest.organizationId : null,
      currencyCode,
      minorUnits: exactNumber(minorUnits),
      occurredAt: rest.occurredAt,
    }))
  return entries.length === 0 ? null : { transaction, entries }
}

/** The currencies in which entries do not sum to zero. */
export function unbalancedCurrencies(
  entries: readonly { readonly currencyCode: string; readonly minorUnits: number | bigint }[],
): string[] {
  const sums = new Map<string, bigint>()
  for (const { currencyCode, minorUnits } of entries) {
    sums.set(currencyCode, (sums.get(currencyCode) ?? 0n) + BigInt(minorUnits))
  }
  return [...sums].flatMap(([currencyCode, sum]) => (sum === 0n ? [] : [currencyCode]))
}

/** Debits one account and credits another by the same amount. */
export function transfer(
  debit: Account,
  credit: Account,
  { minorUnits, currencyCode }: { readonly minorUnits: number; readonly currencyCode: string },
): NewLedgerTransaction['entries'] {
  return [
    { account: debit, minorUnits, currencyCode },
    { account: credit, minorUnits: -minorUnits, currencyCode },
  ]
}
