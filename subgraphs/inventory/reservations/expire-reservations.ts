import type { Timer } from '../../../kit/background.ts'
import { takeTurns } from '../../../storage/mutate.ts'
import type { InventoryModels } from '../models.ts'
import { settleReservations } from './settle-reservations.ts'

const batchSize = 100
const actor = { appId: 'system', organizationId: 'system' } as const

/** Gives back what was held for longer than its time. */
export const expireReservations: Timer<InventoryModels> = {
  name: 'reservation-expiry',
  async run(context) {
    const { models, connection, now } = context
    const due = await models.reservations.overdue(now(), batchSize)
    if (due.length === 0) return 0
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
  },
}
