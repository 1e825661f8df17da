import type { ClientSession } from 'mongoose'
import type { Timer } from '../../../kit/background.ts'
import { createId, isIdOf } from '../../../kit/ids.ts'
import { formatAmount } from '../../../kit/money.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import type { BillingWork } from '../billing-work.ts'
import { notFound } from '../command.ts'
import { forEachDue } from '../for-each-due.ts'
import type { BillingModels } from '../models/billing-models.ts'
import { exactNumber } from '../money/rounding.ts'
import { inTransaction } from '../transaction.ts'
import type { Payout } from './payout.ts'
import { payoutEvent } from './payout-event.ts'
import { payoutMoved } from './payout-ledger.ts'

const accountsPerBatch = 100

interface Payee {
  readonly organizationId: string
  readonly currencyCode: string
}

/** Once a month, pays out what each organization is owed in each currency, where it is worth a transfer. */
export const payoutRun: Timer<BillingModels> = {
  name: 'payout-run',
  async run(context) {
    const now = context.now()
    const accounts = await context.models.payables.dueAccounts(now, accountsPerBatch)
    return forEachDue(accounts, 8, (account) =>
      inTransaction(context.connection, async (session) => {
        if (await context.models.payables.claim(account, now, session)) await payOut(context, session, account)
      }),
    )
  },
}

/** Pays out what an organization is owed now, without waiting for the run. */
export async function createPayout(context: BillingContext, payee: Payee, session: ClientSession): Promise<string> {
  if (!isIdOf('Organization', payee.organizationId)) throw notFound('organization', 'organizationId')
  const payout = await payOut(context, session, payee)
  if (payout !== null) return payout._id
  const { currencyCode } = payee
  const minorUnits = Math.max(1, await context.models.payouts.minimum(currencyCode, session))
  const least = `${formatAmount({ minorUnits, currencyCode })} ${currencyCode}`
  const message = `Less than ${least} is owed, which is the least that is paid out; see \`setPayoutMinimum\`.`
  throw refuse('BELOW_MINIMUM', ['input', 'organizationId'], message)
}

/** Makes one payout of all that is owed; null where it is too little, or below zero after clawbacks. */
async function payOut(work: BillingWork, session: ClientSession, payee: Payee): Promise<Payout | null> {
  const { organizationId, currencyCode } = payee
  const { models, events, now } = work
  const payables = await models.payables.findOpen(organizationId, currencyCode, session)
  const owed = exactNumber(payables.reduce((sum, { amount }) => sum + BigInt(amount.minorUnits), 0n))
  if (owed < Math.max(1, await models.payouts.minimum(currencyCode, session))) return null
  const payout: Payout = {
    _id: createId('Payout'),
    organizationId,
    status: 'CREATED',
    amount: { minorUnits: owed, currencyCode },
    createdAt: now(),
    settledAt: null,
    note: null,
    version: 1,
  }
  const ids = payables.map(({ _id }) => _id)
  const put = await models.payables.putOnPayout(ids, payout._id, session)
  if (put !== ids.length) throw new Error(`payables of ${organizationId} changed inside the transaction that read them`)
  await models.payouts.insert(payout, session)
  await models.ledger.post(session, payoutMoved(payout, payout.createdAt))
  await events.append(session, payoutEvent(payout))
  return payout
}
