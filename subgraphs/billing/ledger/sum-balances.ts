import type { Timer } from '../../../kit/background.ts'
import type { BillingModels } from '../models/billing-models.ts'
import { inTransaction } from '../transaction.ts'

const transactionsPerBatch = 100

/** Adds what was recorded since to the balances. Who takes transactions off the queue adds them, so each counts once. */
export const sumBalances: Timer<BillingModels> = {
  name: 'ledger-balances',
  run: ({ connection, models: { ledger } }) =>
    inTransaction(connection, async (session) => {
      const waiting = await ledger.balances.waiting(session, transactionsPerBatch)
      if (waiting.length === 0) return 0
      const ids = waiting.map(({ _id }) => _id)
      await ledger.balances.add(session, ids, await ledger.entriesOf(ids, session))
      return ids.length
    }),
}
