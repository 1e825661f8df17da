import type { Connection } from 'mongoose'
import type { DomainEvent } from '../../kit/events.ts'

type Told = Pick<DomainEvent, 'type' | 'subject' | 'data'>

/**
 * The committed events about subjects in the order of their commits, whether they have reached the log yet or not. The
 * outbox is read first: an event that moves meanwhile is found in both, never in none.
 */
export async function eventsAbout(connection: Connection, subjects: readonly string[]): Promise<Told[]> {
  const filter = { subject: { $in: [...subjects] } }
  const waiting = await connection.collection<Told & { _id: string }>('event_outbox').find(filter).toArray()
  const logged = await connection.collection<Told & { id: string }>('event_log').find(filter).toArray()
  const ids = new Set(logged.map(({ id }) => id))
  return [...logged, ...waiting.filter(({ _id }) => !ids.has(_id))].map(({ type, subject, data }) => ({
    type,
    subject,
    data,
  }))
}
