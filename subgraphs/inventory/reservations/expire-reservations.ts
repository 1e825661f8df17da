import type { BackgroundContext, Timer } from '../../../kit/background.ts'
import { takeTurns } from '../../../storage/mutate.ts'
import type { InventoryModels } from '../models.ts'
import type { ReservationDocument } from './reservation-model.ts'
import { settleReservations } from './settle-reservations.ts'

const batchSize = 100
const actor = { appId: 'system', organizationId: 'system' } as const

/** Gives back what was held for longer than its time. */
export const expireReservations: Timer<InventoryModels> = {
  name: 'reservation-expiry',
  async run(context) {
    const { models, log, now } = context
    const due = await models.reservations.overdue(now(), batchSize)
    if (due.length === 0) return 0
    try {
      return await expire(context, due)
    } catch (error) {
      log.warn({ err: error, reservations: due.length }, 'reservations could not expire together; each is tried alone')
    }
    // One whose level is wrong must not keep the units of all others from being given back.
    let expired = 0
    const failures: unknown[] = []
    for (const reservation of due) {
      await expire(context, [reservation]).then(
        (one) => (expired += one),
        (error: unknown) => failures.push(error),
      )
    }
    if (expired > 0 || failures.length === 0) return expired
    throw new AggregateError(failures, `${failures.length} reservations could not expire`)
  },
}

/** Lets reservations expire in one transaction; answers how many that was. */
async function expire(
  context: BackgroundContext<InventoryModels>,
  due: readonly ReservationDocument[],
): Promise<number> {
  const { models, connection, now } = context
  const keys = due.flatMap(({ _id, levelId }) => [_id, levelId])
  return takeTurns(keys, async () => {
    let expired = 0
    await connection.transaction(async (session) => {
      // Read again: while this waited for its turn, some may have been committed, extended or expired elsewhere.
      const read = await models.reservations.anyByIds(
        due.map(({ _id }) => _id),
        session,
      )
      const at = now()
      const overdue = read.filter(({ state, expiresAt }) => state === 'HELD' && expiresAt <= at)
      await settleReservations(
        context,
        overdue.map((reservation) => ({ reservation, state: 'EXPIRED', actor })),
        session,
      )
      expired = overdue.length
    })
    return expired
  })
}
