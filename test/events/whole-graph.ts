import type { Connection } from 'mongoose'
import { createEventLog, prepareEventLog } from '../../events/event-log.ts'
import type { Caller } from '../../kit/caller.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { createLogger } from '../../kit/log.ts'
import type { SubgraphService } from '../../kit/subgraph-service.ts'
import { prepareMutations } from '../../storage/mutate.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { runBackground } from '../../subgraphs/run-background.ts'
import { openTestDatabase } from '../storage/test-database.ts'
import { testSecret } from '../subgraphs/subgraph-under-test.ts'

/** All subgraphs with their timers and reactions, as one process has them or as five. */
export interface WholeGraph extends AsyncDisposable {
  readonly connection: Connection
  /** What a root field of a subgraph answers; its errors are the test's. */
  run<Data>(subgraph: string, caller: Caller, query: string, variables?: object): Promise<Data>
  /** Resolves when all that was committed has been relayed and reacted to, and what followed from that as well. */
  settled(): Promise<void>
}

const now = (): Date => new Date()

/** Starts every registered subgraph on one database with the demo in it. */
export async function startWholeGraph(shape: 'one process' | 'split processes'): Promise<WholeGraph> {
  const database = await openTestDatabase()
  const connection = await database.connect()
  const log = createLogger('test', 'error')
  await Promise.all([prepareEventLog(connection), prepareMutations(connection)])
  const groups = shape === 'one process' ? [subgraphs] : subgraphs.map((subgraph) => [subgraph])
  const services = new Map<string, SubgraphService>()
  const processes = await Promise.all(
    groups.map(async (group) => {
      // As a process of its own it has its own connection, event log, relay and leases.
      const own = shape === 'one process' ? connection : await database.connect()
      const eventLog = createEventLog(own, { log, now })
      const members = await Promise.all(
        group.map(({ name, createService }) =>
          createService({
            connection: own,
            events: eventLog.forSource(name),
            log,
            now,
            secretFor: (purpose) => deriveSecret(testSecret, purpose),
          }),
        ),
      )
      for (const member of members) services.set(member.name, member)
      return { own, eventLog, members }
    }),
  )
  for (const { seed } of subgraphs) await seed({ connection, now, secret: testSecret })
  const running = processes.map(({ own, eventLog, members }) => ({
    eventLog,
    background: runBackground(members, { connection: own, eventLog, log, now }),
  }))
  return {
    connection,
    async run<Data>(subgraph: string, caller: Caller, query: string, variables: object = {}) {
      const request = { query, variables: { ...variables }, caller, requestId: 'test' }
      const result = await services.get(subgraph)?.execute(request)
      if (!result?.data || result.errors) throw new Error(JSON.stringify(result?.errors))
      return result.data as Data
    },
    async settled() {
      // What one process does last may be for another to react to.
      for (const { background } of [...running, ...running]) await background.settled()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map(({ background }) => background.close()))
      await Promise.all(running.map(({ eventLog }) => eventLog.close()))
      await database[Symbol.asyncDispose]()
    },
  }
}
