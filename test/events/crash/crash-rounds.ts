import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Connection } from 'mongoose'
import { logOf, outboxOf } from '../../../events/collections.ts'
import { createEventLog } from '../../../events/event-log.ts'
import { listParkedEvents } from '../../../events/parked-events.ts'
import { startReactions } from '../../../events/reactions.ts'
import { startRelay } from '../../../events/relay.ts'
import { Random } from '../../storage/crash/random.ts'
import { openTestDatabase } from '../../storage/test-database.ts'
import { log } from '../event-database.ts'
import { createEffects } from './effects.ts'

export interface EventCrashReport {
  readonly rounds: number
  /** Commits that the killed processes had told of. */
  readonly acknowledged: number
  /** Events that had no position yet at the moments of the kills. */
  readonly unpublished: number
  readonly faults: readonly string[]
}

/** At most so many commits are told before the process is killed. */
const longestLoad = 120
const checkEvery = 20

const now = (): Date => new Date()

/** Kills a process that commits, relays and reacts with SIGKILL, again and again, on one database that lives on. */
export async function eventCrashRounds(options: {
  readonly rounds: number
  readonly seed: number
  readonly onRound?: (round: number) => void
}): Promise<EventCrashReport> {
  const random = new Random(options.seed)
  await using database = await openTestDatabase()
  const connection = await database.connect()
  await Promise.all(['facts', 'effects'].map((name) => connection.createCollection(name)))
  const told: string[] = []
  let unpublished = 0
  for (let round = 1; round <= options.rounds; round++) {
    const leases = random.below(3) === 0 ? 'real' : 'none'
    told.push(...(await loadUntilKilled(database.uri, { name: `${round}`, leases, random })))
    unpublished += await outboxOf(connection).countDocuments()
    if (round % checkEvery === 0 || round === options.rounds) {
      const faults = await check(connection, told)
      if (faults.length > 0) return { rounds: round, acknowledged: told.length, unpublished, faults }
    }
    options.onRound?.(round)
  }
  return { rounds: options.rounds, acknowledged: told.length, unpublished, faults: [] }
}

async function loadUntilKilled(
  uri: string,
  { name, leases, random }: { readonly name: string; readonly leases: string; readonly random: Random },
): Promise<string[]> {
  const kill = { after: random.below(longestLoad), delayMs: random.next() * 6 }
  const told: string[] = []
  const child = spawnWriter([uri, name, leases])
  const ended = once(child, 'exit')
  let killing: Promise<void> | undefined
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line !== 'ready') told.push(line)
    if (told.length < kill.after) continue
    // The moment is random, and falls between a commit and its publication often enough.
    killing ??= new Promise((resolve) => setTimeout(resolve, kill.delayMs)).then(() => void child.kill('SIGKILL'))
  }
  await ended
  if (killing === undefined) throw new Error(`the process of round ${name} ended by itself`)
  return told
}

function spawnWriter(args: readonly string[]): ChildProcess {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const program = fileURLToPath(new URL('./event-writer.ts', import.meta.url))
  return spawn(process.execPath, ['--import', tsx, program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Lets a process that lives do what the dead ones left, and compares facts, events and effects. */
async function check(connection: Connection, told: readonly string[]): Promise<string[]> {
  const lease = { hold: () => Promise.resolve(true), release: () => Promise.resolve() }
  const eventLog = createEventLog(connection, { log, now })
  const relay = startRelay(connection, { log, now, lease })
  const reactions = startReactions(connection, {
    reactions: [createEffects(connection)],
    live: eventLog.live,
    lease,
    log,
    now,
  })
  await relay.settled()
  const events = await logOf(connection).find().sort({ _id: 1 }).toArray()
  await reactions.reached(events.length)
  await reactions.close()
  await relay.close()
  await eventLog.close()

  const facts = new Set((await connection.collection<{ _id: string }>('facts').find().toArray()).map(({ _id }) => _id))
  const effects = await connection.collection<{ _id: string; times: number }>('effects').find().toArray()
  const subjects = new Set(events.map(({ subject }) => subject))
  const parked = await listParkedEvents(connection, 10)
  return [
    ...told.filter((id) => !facts.has(id)).map((id) => `${id} was told as committed and is lost`),
    ...[...facts].filter((id) => !subjects.has(id)).map((id) => `${id} was committed and has no event`),
    ...[...subjects].filter((id) => !facts.has(id)).map((id) => `${id} has an event and was not committed`),
    ...(subjects.size === events.length ? [] : [`${events.length} events tell of ${subjects.size} facts`]),
    ...events.filter(({ _id }, place) => _id !== place + 1).map(({ _id }) => `position ${_id} is not in its place`),
    ...effects.filter(({ times }) => times !== 1).map(({ _id, times }) => `${_id} was handled ${times} times`),
    ...(effects.length === facts.size ? [] : [`${effects.length} of ${facts.size} facts were handled`]),
    ...writerFaults(events.map(({ subject }) => subject)),
    ...parked.map(({ reason }) => `an event is parked: ${reason}`),
  ]
}

/** One writer commits one fact after the other, and that is their order in the log. */
function writerFaults(subjects: readonly string[]): string[] {
  const last = new Map<string, number>()
  const faults: string[] = []
  for (const subject of subjects) {
    const end = subject.lastIndexOf('.')
    const [writer, count] = [subject.slice(0, end), Number(subject.slice(end + 1))]
    if (count !== (last.get(writer) ?? -1) + 1) faults.push(`${subject} comes out of turn`)
    last.set(writer, count)
  }
  return faults
}
