import mongoose from 'mongoose'
import { startServer, type TestServer } from '../embedded-server.ts'
import { checkAfterCrash } from './check-after-crash.ts'
import { checkOplog } from './check-oplog.ts'
import { clientCount, writeUntilKilled } from './clients.ts'
import { createCollections } from './collections.ts'
import { History } from './history.ts'
import { Random } from './random.ts'

export type CrashOptions = {
  readonly rounds: number
  /** The clients' choices and the moments of the kills follow from it, the order in which they meet does not. */
  readonly seed: number
  /** Told of each round that went well. */
  readonly onRound?: (round: number) => void
}

export type CrashReport = {
  readonly rounds: number
  readonly acknowledged: number
  /** Operations whose answer the kill cut off. */
  readonly unanswered: number
  readonly faults: readonly string[]
}

/** At most so many operations are answered before the server is killed. */
const longestLoad = 400

/** Kills the server with SIGKILL under load, starts it again and checks what it holds, again and again. */
export async function crashRounds({ rounds, seed, onRound }: CrashOptions): Promise<CrashReport> {
  const random = new Random(seed)
  await using server = await startServer({ ttlSeconds: 3600 })
  let [acknowledged, unanswered] = [0, 0]
  let before: { name: string; history: History } | undefined
  for (let round = 1; round <= rounds; round++) {
    const name = `round${round}`
    const { history, since } = await loadUntilKilled(server, { name, random, drop: `round${round - 2}` })
    acknowledged += history.acknowledged
    unanswered += history.pending.length
    await server.start()
    const client = await new mongoose.mongo.MongoClient(server.uri).connect()
    try {
      const faults = await checkAfterCrash(client.db(name), history)
      faults.push(...(await checkOplog(client.db(name), since)))
      // What has survived one crash survives the next.
      if (before !== undefined) faults.push(...(await checkAfterCrash(client.db(before.name), before.history)))
      if (faults.length > 0) {
        return { rounds: round, acknowledged, unanswered, faults: faults.map((fault) => `${name}: ${fault}`) }
      }
    } finally {
      await client.close()
    }
    before = { name, history }
    onRound?.(round)
  }
  return { rounds, acknowledged, unanswered, faults: [] }
}

async function loadUntilKilled(
  server: TestServer,
  { name, random, drop }: { name: string; random: Random; drop: string },
): Promise<{ history: History; since: mongoose.mongo.Timestamp }> {
  // Long enough to connect on a busy machine; the clients wait for it once more when the server is gone.
  const options = { serverSelectionTimeoutMS: 1000 }
  const mongos = await Promise.all([0, 1, 2].map(() => new mongoose.mongo.MongoClient(server.uri, options).connect()))
  try {
    const [first] = mongos as [mongoose.mongo.MongoClient]
    const { operationTime } = await first.db(name).command({ ping: 1 })
    await createCollections(first.db(name))
    const history = new History()
    const kill = { after: random.below(longestLoad), delayMs: random.next() * 4 }
    const clients = Array.from({ length: clientCount }, (_, number) => {
      const mongo = mongos[number % mongos.length] as mongoose.mongo.MongoClient
      return writeUntilKilled({ number, db: mongo.db(name), mongo, history, random: random.fork() })
    })
    // Nobody waits for it: the crash may come while the old collections are being cleared away.
    const dropped = first
      .db(drop)
      .dropDatabase()
      .catch((error: unknown) => error)
    const allEnded = Promise.all(clients)
    await Promise.race([history.reached(kill.after), allEnded])
    await new Promise((resolve) => setTimeout(resolve, kill.delayMs))
    await server.kill()
    await Promise.all([allEnded, dropped])
    return { history, since: operationTime as mongoose.mongo.Timestamp }
  } finally {
    await Promise.all(mongos.map((mongo) => mongo.close(true)))
  }
}
