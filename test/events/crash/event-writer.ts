// A process of the product in small, which is killed: it commits events and tells which, relays them, and reacts to them.
import { writeSync } from 'node:fs'
import mongoose, { type Connection } from 'mongoose'
import { createEventLog, prepareEventLog } from '../../../events/event-log.ts'
import { startReactions } from '../../../events/reactions.ts'
import { startRelay } from '../../../events/relay.ts'
import { createLease } from '../../../jobs/lease.ts'
import { createLogger } from '../../../kit/log.ts'
import { createEffects } from './effects.ts'

const writers = 4
const now = (): Date => new Date()
const log = createLogger('event-writer', 'fatal')

async function main([uri = '', name = '', leases = '']: readonly string[]): Promise<void> {
  const connection = await mongoose.createConnection(uri).asPromise()
  await prepareEventLog(connection)
  const eventLog = createEventLog(connection, { log, now })
  // After a crash the lease of the dead process stands for a while: some rounds wait for it, others do without.
  const always = { hold: () => Promise.resolve(true), release: () => Promise.resolve() }
  const leaseOf = (lease: string) =>
    leases === 'real' ? createLease(connection, { name: lease, seconds: 5, now }) : always
  startRelay(connection, { log, now, lease: leaseOf('event-relay') })
  startReactions(connection, {
    reactions: [createEffects(connection)],
    live: eventLog.live,
    lease: leaseOf('reactions:test'),
    log,
    now,
  })
  const events = eventLog.forSource('test')
  writeSync(1, 'ready\n')
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(connection, `${name}.${writer}`)))

  async function write(over: Connection, writer: string): Promise<void> {
    for (let count = 0; ; count++) {
      const _id = `${writer}.${count}`
      await over.transaction(async (session) => {
        await over.collection<{ _id: string }>('facts').insertOne({ _id }, { session })
        await events.append(session, { type: 'fact.made', subject: _id, audience: [], data: {} })
      })
      writeSync(1, `${_id}\n`)
    }
  }
}

await main(process.argv.slice(2))
