import type { Connection } from 'mongoose'
import { createEventLog, prepareEventLog } from '../../events/event-log.ts'
import { startRelay } from '../../events/relay.ts'
import { createLease } from '../../jobs/lease.ts'
import type { Outside } from '../../kit/background.ts'
import { type Caller, createCaller } from '../../kit/caller.ts'
import type { DomainEvent } from '../../kit/events.ts'
import { createId, seededId } from '../../kit/ids.ts'
import { createLogger } from '../../kit/log.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { type SubgraphResult, createSubgraphService } from '../../kit/subgraph-service.ts'
import { scopes, tierScopes } from '../../schema/scopes.ts'
import { prepareMutations } from '../../storage/mutate.ts'
import { openTestDatabase } from '../storage/test-database.ts'
import { scansOf } from './scans-of.ts'

/** A caller with every scope of a partner's or the operator's app unless told otherwise. */
export function callerOf(organization: string, fields: Partial<Caller> = {}): Caller {
  return createCaller({
    appId: seededId('App', `${organization}-test`),
    appName: `${organization} test`,
    organizationId: seededId('Organization', organization),
    environment: 'sandbox',
    planId: 'plan_test',
    scopes: [...Object.keys(scopes), ...Object.keys(tierScopes)],
    operator: false,
    credentialId: 'cred_test',
    ...fields,
  })
}

/** The platform company itself. */
export const operator = callerOf('meridian', { operator: true })

/** An answer whose data is read as a given shape. */
export interface Answer<Data> {
  readonly data: Data
  readonly errors: SubgraphResult['errors']
}

/** What a test gets of a subgraph that runs on a database of its own. */
export interface SubgraphUnderTest {
  readonly connection: Connection
  /** Of the database, for other processes. */
  readonly uri: string
  execute<Data>(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<Answer<Data>>
  /** Opens a stream, or answers the refusal. */
  subscribe(
    caller: Caller,
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<SubgraphResult | AsyncIterableIterator<SubgraphResult, undefined>>
  /** How many times `work` reached the database. */
  countDatabaseCalls(work: () => Promise<unknown>): Promise<number>
  /** The reads of `work` for which the database has no index. */
  scansOf(work: () => Promise<unknown>): Promise<string[]>
  now(): Date
  advanceClock(milliseconds: number): void
  /** Does what has become due by the clock. */
  runTimers(): Promise<void>
  /** Has the subgraph's reactions handle an event, as the log would. */
  react(event: Pick<DomainEvent, 'type' | 'subject' | 'data'> & Partial<DomainEvent>): Promise<void>
  stop(): Promise<void>
}

/** The installation's secret of subgraphs under test. */
export const testSecret = 'a secret for tests, of at least 32 characters'

/** Starts a subgraph on a database of its own, with a clock that tests can move. */
export async function startSubgraph<Models, Loaders>(
  definition: SubgraphDefinition<Models, Loaders>,
  seed: (connection: Connection, options: { now: () => Date }) => Promise<void>,
  outside?: Outside,
): Promise<SubgraphUnderTest> {
  const database = await openTestDatabase()
  const connection = await database.connect({ monitorCommands: true })
  let ahead = 0
  let calls = 0
  connection.set('debug', () => {
    calls += 1
  })
  const now = (): Date => new Date(Date.now() + ahead)
  const log = createLogger('test', 'error')
  await prepareEventLog(connection)
  await prepareMutations(connection)
  const eventLog = createEventLog(connection, { log, now })
  // Over a connection of its own: what it does is not counted with what the subgraph does.
  const aside = await database.connect()
  const lease = createLease(aside, { name: 'event-relay', seconds: 5, now: () => new Date() })
  const relay = startRelay(aside, { log, now: () => new Date(), lease })
  const service = await createSubgraphService(definition, {
    connection,
    events: eventLog.forSource(definition.name),
    log,
    now,
    secretFor: (purpose) => deriveSecret(testSecret, purpose),
    outside,
  })
  await seed(connection, { now })
  return {
    connection,
    uri: database.uri,
    async execute<Data>(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<Answer<Data>> {
      const { data, errors } = await service.execute({ query, variables, caller, requestId: 'test' })
      return { data: data as Data, errors }
    },
    subscribe: (caller, query, variables) => service.subscribe({ query, variables, caller, requestId: 'test' }),
    async countDatabaseCalls(work) {
      const before = calls
      await work()
      return calls - before
    },
    scansOf: (work) => scansOf(connection, work),
    now,
    advanceClock: (milliseconds) => {
      ahead += milliseconds
    },
    async runTimers() {
      for (const timer of service.background.timers) {
        while ((await timer.run()) > 0);
      }
    },
    async react(partial) {
      const event = { id: createId('Event'), position: 0, source: 'test', time: now(), audience: [], ...partial }
      for (const reaction of service.background.reactions) {
        if (!reaction.types.includes(event.type)) continue
        await connection.transaction((session) => reaction.handle(event, session))
      }
    },
    async stop() {
      await relay.close()
      await eventLog.close()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** The stream of a subscription that must have been accepted. */
export function streamOf(
  result: SubgraphResult | AsyncIterableIterator<SubgraphResult, undefined>,
): AsyncIterableIterator<SubgraphResult, undefined> {
  if (Symbol.asyncIterator in result) return result
  throw new Error(`the subscription was refused: ${JSON.stringify(result.errors)}`)
}

/** The next results of a stream, as many as are asked for. */
export async function take<Data>(
  stream: AsyncIterableIterator<SubgraphResult, undefined>,
  count: number,
): Promise<Data[]> {
  const results: Data[] = []
  while (results.length < count) {
    // A stream is read in order.
    const { value, done } = await stream.next()
    if (done) throw new Error(`the stream ended after ${results.length} results`)
    if (value.errors) throw new Error(JSON.stringify(value.errors))
    results.push(value.data as Data)
  }
  return results
}
