import type { Connection } from 'mongoose'
import type { BoundReaction } from '../../../events/run-reaction.ts'

/** A reaction that counts how often it has handled each fact. */
export function createEffects(connection: Connection): BoundReaction {
  return {
    name: 'test:effects',
    types: ['fact.made'],
    async handle({ subject }, session) {
      await connection
        .collection<{ _id: string; times: number }>('effects')
        .updateOne({ _id: subject }, { $inc: { times: 1 } }, { session, upsert: true })
    },
  }
}
