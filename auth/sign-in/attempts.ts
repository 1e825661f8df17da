import type { AuthModels } from '../store/models.ts'
import type { Seal } from '../store/seal.ts'

const quarterHourMs = 15 * 60 * 1000

export interface AttemptLimit {
  /** Counts an attempt before it is made; false when there were too many of this name in the quarter of an hour, or in another window. */
  admit(name: string, most: number, windowMs?: number): Promise<boolean>
  /** Forgets the attempts of a name that has proved itself. */
  forget(name: string): Promise<void>
}

/** Counts attempts in the database, so that several processes count together. Names are kept as fingerprints. */
export function createAttemptLimit(options: {
  readonly models: Pick<AuthModels, 'attempts'>
  readonly seal: Pick<Seal, 'fingerprint'>
  readonly now: () => Date
}): AttemptLimit {
  const { models, seal, now } = options
  const idOf = (name: string, turn: number) => `${turn}:${seal.fingerprint(name)}`
  const turnOf = (windowMs: number) => Math.floor(now().getTime() / windowMs)
  return {
    async admit(name, most, windowMs = quarterHourMs) {
      const turn = turnOf(windowMs)
      const expiresAt = new Date((turn + 2) * windowMs)
      const counted = await models.attempts
        .findOneAndUpdate(
          { _id: idOf(name, turn) },
          { $inc: { count: 1 }, $setOnInsert: { expiresAt } },
          { upsert: true, returnDocument: 'after' },
        )
        .lean<{ count: number }>()
      return (counted?.count ?? 1) <= most
    },
    async forget(name) {
      await models.attempts.deleteOne({ _id: idOf(name, turnOf(quarterHourMs)) })
    },
  }
}
