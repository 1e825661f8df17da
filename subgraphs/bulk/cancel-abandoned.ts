import type { ImportModels } from '../../jobs/imports/import-models.ts'
import type { Timer } from '../../kit/background.ts'

const abandonedMs = 24 * 60 * 60 * 1_000

/** Cancels imports whose sender has not been heard of for a day, so that their chunks are not kept for ever. */
export const cancelAbandoned: Timer<ImportModels> = {
  name: 'cancel-abandoned-imports',
  async run({ models, now }) {
    const before = new Date(now().getTime() - abandonedMs)
    const abandoned = await models.jobs
      .find({ state: 'RECEIVING', updatedAt: { $lte: before } }, { _id: 1 })
      .limit(100)
      .lean()
    for (const { _id } of abandoned) {
      await models.end(null, _id, { state: 'CANCELLED', at: now(), idleSince: before })
    }
    return abandoned.length
  },
}
