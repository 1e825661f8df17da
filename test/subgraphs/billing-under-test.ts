import type { Connection } from 'mongoose'
import { createEventLog, prepareEventLog } from '../../events/event-log.ts'
import type { ImportLine, ImportRefusal } from '../../kit/background.ts'
import type { Caller } from '../../kit/caller.ts'
import type { DomainEvent } from '../../kit/events.ts'
import { createId, seededId } from '../../kit/ids.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { createLogger } from '../../kit/log.ts'
import { type SubgraphService, createSubgraphService } from '../../kit/subgraph-service.ts'
import { prepareMutations } from '../../storage/mutate.ts'
import { billingSubgraph } from '../../subgraphs/billing/subgraph.ts'
import { openTestDatabase } from '../storage/test-database.ts'
import { scansOf } from './scans-of.ts'
import { operator, testSecret } from './subgraph-under-test.ts'

export interface UserError {
  readonly code: string
  readonly message: string
}
export type Reported = Pick<DomainEvent, 'type' | 'subject' | 'data'> & Partial<DomainEvent>

/** Billing on a database of its own, with a clock that stands still until a test moves it. */
export interface BillingUnderTest extends AsyncDisposable {
  readonly connection: Connection
  now(): Date
  goTo(moment: Date | string): void
  read<Data>(caller: Caller, query: string, variables?: object): Promise<Data>
  /** Calls a mutation and answers its payload with `selection`. */
  call<Payload>(
    caller: Caller,
    mutation: string,
    input: object,
    selection: string,
  ): Promise<Payload & { userErrors: UserError[] }>
  /** Gives an event its place in the log, before it is handled. */
  place(event: Reported & { readonly id: string }): void
  react(event: Reported): Promise<void>
  /** Runs the named timer, or all, until nothing is due. */
  run(timer?: string): Promise<void>
  /** The same timer in two processes at once, each on a connection of its own, until nothing is due. */
  runTwice(timer: string): Promise<void>
  /** The same event handled by two processes at once. */
  reactTwice(event: Reported): Promise<void>
  importLines(lines: readonly ImportLine[], caller?: Caller): Promise<readonly ImportRefusal[]>
  scansOf(work: () => Promise<unknown>): Promise<string[]>
  all<Doc>(collection: string): Promise<Doc[]>
}

/** Billing as one process runs it, on a connection of its own. */
interface Process {
  readonly own: Connection
  readonly on: SubgraphService
}

const runTimers = async ({ background }: SubgraphService, timer?: string): Promise<void> => {
  for (const due of background.timers) {
    if (timer !== undefined && due.name !== `billing:${timer}`) continue
    while ((await due.run()) > 0);
  }
}

const handleEvent = async (on: SubgraphService, own: Connection, event: DomainEvent): Promise<void> => {
  for (const reaction of on.background.reactions) {
    if (!reaction.types.includes(event.type)) continue
    await own.transaction((session) => reaction.handle(event, session))
  }
}

/** Starts billing at a moment in the middle of a month. */
export async function startBilling(): Promise<BillingUnderTest> {
  const database = await openTestDatabase()
  const connection = await database.connect({ monitorCommands: true })
  let clock = new Date('2026-03-16T12:00:00.000Z')
  const now = (): Date => clock
  const log = createLogger('test', 'error')
  await prepareEventLog(connection)
  await prepareMutations(connection)
  const start = async (own: Connection): Promise<SubgraphService> => {
    const eventLog = createEventLog(own, { log, now })
    return createSubgraphService(billingSubgraph, {
      connection: own,
      events: eventLog.forSource('billing'),
      log,
      now,
      secretFor: (purpose) => deriveSecret(testSecret, purpose),
    })
  }
  const service = await start(connection)
  let other: Promise<Process> | undefined
  const startSecond = async (): Promise<Process> => {
    const own = await database.connect()
    return { own, on: await start(own) }
  }
  const second = (): Promise<Process> => (other ??= startSecond())
  const positions = new Map<string, number>()
  /** The event with its place in the log; one that is told again has the place that it had. */
  const complete = ({ id = createId('Event'), ...event }: Reported): DomainEvent => {
    const position = positions.get(id) ?? positions.size + 1
    positions.set(id, position)
    return { source: 'test', time: now(), audience: [], ...event, id, position }
  }
  const read = async <Data>(caller: Caller, query: string, variables: object = {}): Promise<Data> => {
    const request = { query, variables: { ...variables }, caller, requestId: 'test' }
    const { data, errors } = await service.execute(request)
    if (errors) throw new Error(JSON.stringify(errors))
    return data as Data
  }
  return {
    connection,
    now,
    goTo: (moment) => {
      clock = new Date(moment)
    },
    read,
    async call<Payload>(caller: Caller, mutation: string, input: object, selection: string) {
      const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`
      const query = `mutation ($input: ${type}!) { result: ${mutation}(input: $input) { ${selection} userErrors { code message } } }`
      const { result } = await read<{ result: Payload & { userErrors: UserError[] } }>(caller, query, { input })
      return result
    },
    place: (event) => void complete(event),
    react: (event) => handleEvent(service, connection, complete(event)),
    run: (timer) => runTimers(service, timer),
    async runTwice(timer) {
      const { on } = await second()
      await Promise.all([runTimers(service, timer), runTimers(on, timer)])
    },
    async reactTwice(partial) {
      const event = complete(partial)
      const { own, on } = await second()
      await Promise.all([handleEvent(service, connection, event), handleEvent(on, own, event)])
    },
    importLines: (lines, caller = operator) => {
      const [importer] = service.background.importers
      if (importer === undefined) throw new Error('billing has no importer')
      return connection.transaction((session) => importer.apply(caller, lines, session))
    },
    scansOf: (work) => scansOf(connection, work),
    all: <Doc>(collection: string) =>
      connection.collection(collection).find({}).toArray() as Promise<unknown> as Promise<Doc[]>,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
    },
  }
}

const limits = { bucketSize: 1_000, restoreRate: 50, maxQueryCost: 500, readOnly: false }

/** Adds a public plan as the operator and answers its id; the price is a decimal text in euros. */
export async function addPlan(billing: BillingUnderTest, handle: string, price: string, fields: object = {}) {
  const { plan, userErrors } = await billing.call<{ plan: { id: string } | null }>(
    operator,
    'createPlan',
    {
      handle,
      name: handle,
      description: `The plan ${handle}.`,
      visibility: 'PUBLIC',
      monthlyPrice: { amount: price, currencyCode: 'EUR' },
      limits,
      ...fields,
    },
    'plan { id }',
  )
  if (plan === null) throw new Error(JSON.stringify(userErrors))
  return plan.id
}

/** Lets an app of an organization be created, which puts it onto the default plan; answers its id. */
export async function addApp(billing: BillingUnderTest, organization: string, name: string): Promise<string> {
  const appId = seededId('App', `${organization}:${name}`)
  await billing.react({
    type: 'app.created',
    subject: appId,
    data: { organizationId: seededId('Organization', organization), name, environment: 'live' },
  })
  return appId
}

/** A won deal of an organization, in euro cents. */
export function dealEvent(
  type: 'deal.won' | 'deal.reopened',
  organization: string,
  deal: string,
  cents = 100_000,
): Reported {
  return {
    type,
    subject: seededId('DealRegistration', deal),
    data: {
      organizationId: seededId('Organization', organization),
      state: type === 'deal.won' ? 'WON' : 'APPROVED',
      family: 'Notebooks',
      territory: 'DACH',
      valueMinorUnits: cents,
      currencyCode: 'EUR',
    },
  }
}

interface Entry {
  readonly transactionId: string
  readonly account: string
  readonly currencyCode: string
  readonly minorUnits: number
}

/** Why the books are unsound: transactions that do not sum to zero, or balances that are not what entries come to. */
export async function unsoundBooks(billing: BillingUnderTest): Promise<string[]> {
  await billing.run('ledger-balances')
  const entries = await billing.all<Entry>('billing_ledger_entries')
  const sums = new Map<string, bigint>()
  const add = (key: string, by: number) => sums.set(key, (sums.get(key) ?? 0n) + BigInt(by))
  for (const { transactionId, account, currencyCode, minorUnits } of entries) {
    add(`${transactionId} ${currencyCode}`, minorUnits)
    add(`balance of ${account} ${currencyCode}`, minorUnits)
  }
  interface Balance extends Omit<Entry, 'transactionId'> {
    readonly organizationId: string | null
  }
  for (const { organizationId, account, currencyCode, minorUnits } of await billing.all<Balance>(
    'billing_ledger_balances',
  )) {
    if (organizationId === null) add(`balance of ${account} ${currencyCode}`, -minorUnits)
  }
  return [...sums].flatMap(([what, sum]) => (sum === 0n ? [] : [`${what}: ${sum}`]))
}

/** What an account of the platform, or of an organization, comes to in euro cents. */
export async function balanceOf(billing: BillingUnderTest, account: string, organization?: string): Promise<number> {
  await billing.run('ledger-balances')
  const organizationId = organization === undefined ? null : seededId('Organization', organization)
  const [row] = await billing.connection
    .collection('billing_ledger_balances')
    .find({ account, organizationId, currencyCode: 'EUR' })
    .toArray()
  return Number(row?.['minorUnits'] ?? 0)
}
