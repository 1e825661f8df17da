import type { Connection } from 'mongoose'
import { v7 } from 'uuid'
import { isDuplicateKey } from '../storage/mutate.ts'

const collectionName = 'leases'

interface LeaseDocument {
  readonly _id: string
  readonly owner: string
  readonly until: Date
}

/**
 * The right to do some work, which one process at a time holds. It saves work that would be done twice; what must not
 * happen twice has to be guarded by the transaction that does it, because a holder can be paused past its time.
 */
export interface Lease {
  /** Takes the lease, or keeps it where it is held already; false while another process holds it. */
  hold(): Promise<boolean>
  /** Gives it back at once, so that another process need not wait for its end. */
  release(): Promise<void>
}

/** A lease of `seconds`, which is prolonged when half of it is over. */
export function createLease(
  connection: Connection,
  options: { readonly name: string; readonly seconds: number; readonly now: () => Date },
): Lease {
  const { name, seconds, now } = options
  const duration = seconds * 1_000
  const leases = connection.collection<LeaseDocument>(collectionName)
  const owner = v7()
  let until = 0
  return {
    async hold() {
      const at = now().getTime()
      if (until - at > duration / 2) return true
      const end = new Date(at + duration)
      try {
        await leases.updateOne(
          {
            _id: name,
            // One that ends far ahead was taken by a clock that was wrong: nobody could work until that moment.
            $or: [{ owner }, { until: { $lte: new Date(at) } }, { until: { $gt: new Date(at + 10 * duration) } }],
          },
          { $set: { owner, until: end } },
          { upsert: true },
        )
      } catch (error) {
        // The lease is there and its holder is another: the upsert could only have made a second one.
        if (!isDuplicateKey(error)) throw error
        until = 0
        return false
      }
      until = end.getTime()
      return true
    },
    async release() {
      until = 0
      await leases.deleteOne({ _id: name, owner })
    },
  }
}
