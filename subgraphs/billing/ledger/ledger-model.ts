import type { ClientSession, Connection } from 'mongoose'
import { type Caller, ownedBy } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { createChildConnections } from '../../../storage/child-pages.ts'
import { bindModel } from '../../../storage/documents.ts'
import { createListReader } from '../list-reader.ts'
import { moment, optionalText, text, wholeNumber } from '../schema-fields.ts'
import { accountNames, transactionTypes } from './accounts.ts'
import { createBalances } from './balance-model.ts'
import {
  type LedgerEntry,
  type LedgerTransaction,
  type NewLedgerTransaction,
  ledgerTransaction,
} from './ledger-transaction.ts'

/** The append-only record of every movement of money. Nothing here changes or deletes what was recorded. */
export function createLedger(connection: Connection) {
  const transactions = bindModel<LedgerTransaction>(connection, 'LedgerTransaction', {
    collection: 'billing_ledger_transactions',
    fields: {
      key: text,
      type: { ...text, enum: transactionTypes },
      organizationId: text,
      reference: text,
      occurredAt: moment,
    },
    indexes: [[{ key: 1 }, { unique: true }]],
  })
  const entries = bindModel<LedgerEntry>(connection, 'LedgerEntry', {
    collection: 'billing_ledger_entries',
    fields: {
      transactionId: text,
      type: { ...text, enum: transactionTypes },
      reference: text,
      account: { ...text, enum: accountNames },
      organizationId: optionalText,
      currencyCode: text,
      minorUnits: wholeNumber,
      occurredAt: moment,
    },
    indexes: [
      [{ transactionId: 1 }],
      [{ reference: 1, occurredAt: -1, _id: -1 }],
      [{ organizationId: 1, occurredAt: -1, _id: -1 }],
      [{ organizationId: 1, account: 1, occurredAt: -1, _id: -1 }],
      [{ organizationId: 1, reference: 1, occurredAt: -1, _id: -1 }],
      [{ account: 1, occurredAt: -1, _id: -1 }],
      [{ occurredAt: -1, _id: -1 }],
    ],
  })
  const balances = createBalances(connection)
  const list = createListReader(entries, { sortField: 'occurredAt', direction: -1 })
  return {
    transactions,
    entries,
    balances,
    /** Records a movement in the transaction that makes it true; one that moves nothing leaves no trace. */
    async post(session: ClientSession, movement: NewLedgerTransaction): Promise<void> {
      const recorded = ledgerTransaction(movement)
      if (recorded === null) return
      await transactions.insertOne(recorded.transaction, { session })
      await entries.insertMany([...recorded.entries], { session, lean: true })
      await balances.queue.insertOne({ _id: recorded.transaction._id }, { session })
    },
    readPage: (caller: Caller, filter: Readonly<Record<string, unknown>>, args: ConnectionArgs) =>
      list({ ...filter, ...ownedBy(caller) }, args),
    /** Pages of entries by organization; one reader per request. */
    createPages: (caller: Caller) =>
      createChildConnections<LedgerEntry>({
        model: entries,
        parentField: 'organizationId',
        sortField: 'occurredAt',
        direction: -1,
        filter: ownedBy(caller),
      }),
    /** Transactions after one of them in the order of their ids, for a walk over all. */
    transactionsAfter: (after: string, limit: number): Promise<LedgerTransaction[]> =>
      transactions
        .find({ _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .lean<LedgerTransaction[]>(),
    entriesOf: (ids: readonly string[], session: ClientSession | null = null): Promise<LedgerEntry[]> =>
      entries.find({ transactionId: { $in: [...ids] } }, null, { session }).lean<LedgerEntry[]>(),
  }
}

export type Ledger = ReturnType<typeof createLedger>
