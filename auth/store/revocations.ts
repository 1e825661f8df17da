import type { AuthModels } from './models.ts'

/** Longer than any access token lives, with room for clocks that differ. */
const keptMs = 6 * 60 * 1000
/** How old the list may be that a token is compared with: well within the two seconds that a revocation may take. */
const believedMs = 1_000

export interface Revocations {
  /** From now on no token with this id, or of the grant with this id, is honoured. */
  add(id: string): Promise<void>
  /** Ids of tokens and grants that were revoked lately; at most a second old. */
  list(): Promise<readonly string[]>
}

/** Revoked tokens and grants, in the database for as long as a token of them may be valid. */
export function createRevocations(
  models: Pick<AuthModels, 'revocations'>,
  now: () => Date,
  audit: (id: string) => Promise<void>,
): Revocations {
  let known: { readonly readAt: number; readonly ids: Promise<readonly string[]> } | undefined
  const read = async (): Promise<string[]> => {
    const found = await models.revocations.find({ expiresAt: { $gt: now() } }, { _id: 1 }).lean<{ _id: string }[]>()
    return found.map(({ _id }) => _id)
  }
  return {
    async add(id) {
      const expiresAt = new Date(now().getTime() + keptMs)
      await models.revocations.updateOne({ _id: id }, { $set: { expiresAt } }, { upsert: true })
      known = undefined
      await audit(id)
    },
    list() {
      const time = performance.now()
      if (known === undefined || time - known.readAt >= believedMs) {
        const ids = read()
        const reading = { readAt: time, ids }
        known = reading
        ids.catch(() => {
          if (known === reading) known = undefined
        })
      }
      return known.ids
    },
  }
}
