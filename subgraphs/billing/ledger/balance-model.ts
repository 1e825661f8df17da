import type { ClientSession, Connection } from 'mongoose'
import { bindModel } from '../../../storage/documents.ts'
import { optionalText, text, wholeNumber } from '../schema-fields.ts'
import { type Account, accountNames } from './accounts.ts'
import type { LedgerEntry } from './ledger-transaction.ts'

/** What an account comes to in a currency: of one organization, or of all where `organizationId` is null. */
export interface LedgerBalance {
  readonly _id: string
  readonly account: Account
  readonly organizationId: string | null
  readonly currencyCode: string
  readonly minorUnits: number
}

/** The balances that entries add to: that of the account and, where the entry has an organization, also of that one. */
export function balancesOf(entries: readonly LedgerEntry[]): LedgerBalance[] {
  const sums = new Map<string, LedgerBalance>()
  for (const { account, organizationId, currencyCode, minorUnits } of entries) {
    for (const owner of organizationId === null ? [null] : [null, organizationId]) {
      const _id = `${account}:${owner ?? 'all'}:${currencyCode}`
      const before = sums.get(_id)?.minorUnits ?? 0
      sums.set(_id, { _id, account, organizationId: owner, currencyCode, minorUnits: before + minorUnits })
    }
  }
  return [...sums.values()]
}

/**
 * Sums of the ledger, kept by a timer from a queue of transactions that are not in them yet: if each movement changed
 * the balance of `CASH` itself, all payments of the platform would wait for each other.
 */
export function createBalances(connection: Connection) {
  const model = bindModel<LedgerBalance>(connection, 'LedgerBalance', {
    collection: 'billing_ledger_balances',
    fields: {
      account: { ...text, enum: accountNames },
      organizationId: optionalText,
      currencyCode: text,
      minorUnits: wholeNumber,
    },
    indexes: [[{ organizationId: 1, account: 1, currencyCode: 1 }]],
  })
  const queue = bindModel<{ readonly _id: string }>(connection, 'UnsummedLedgerTransaction', {
    collection: 'billing_ledger_unsummed',
    fields: {},
    indexes: [],
  })
  return {
    model,
    queue,
    /** Up to 1,000 balances: those of one organization, or of the platform's accounts for null. */
    read: (organizationId: string | null): Promise<LedgerBalance[]> =>
      model.find({ organizationId }).sort({ account: 1, currencyCode: 1 }).limit(1_000).lean<LedgerBalance[]>(),
    readOf: (organizationIds: readonly string[]): Promise<LedgerBalance[]> =>
      model.find({ organizationId: { $in: [...organizationIds] } }).lean<LedgerBalance[]>(),
    waiting: (session: ClientSession, limit: number): Promise<{ readonly _id: string }[]> =>
      queue.find({}, null, { session }).sort({ _id: 1 }).limit(limit).lean<{ readonly _id: string }[]>(),
    /** Adds entries to their balances and takes their transactions off the queue. */
    async add(session: ClientSession, transactionIds: readonly string[], entries: readonly LedgerEntry[]) {
      await queue.deleteMany({ _id: { $in: [...transactionIds] } }, { session })
      const changes = balancesOf(entries).map(({ _id, minorUnits, ...rest }) => ({
        updateOne: { filter: { _id }, update: { $inc: { minorUnits }, $setOnInsert: rest }, upsert: true },
      }))
      await model.bulkWrite(changes, { session })
    },
  }
}
