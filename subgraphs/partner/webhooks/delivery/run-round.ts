import type { ClientSession, Connection } from 'mongoose'
import type { EventCursors } from '../../../../kit/event-cursor.ts'
import {
  type EventTypeReader,
  type EventTypeRegister,
  readableEventTypes,
} from '../../../../kit/declared-event-types.ts'
import { type EventLog, EventsGoneError, type NewEvent } from '../../../../kit/events.ts'
import type { PartnerModels } from '../../models.ts'
import type { WebhookDelivery } from '../deliveries.ts'
import type { WebhookDisabledReason, WebhookEndpoint } from '../endpoints.ts'
import type { WebhookProgress } from '../progress.ts'
import { webhookEvent } from '../webhook-events.ts'
import { type EndpointAccess, readAccess } from './access.ts'
import type { AttemptOptions, Outcome } from './attempt.ts'
import { type Lane, dueOf, isReady, toLanes } from './lanes.ts'
import { tellOwner } from './tell-owner.ts'
import { newDelivery, settle, skip } from './settle.ts'

export interface RoundDependencies {
  readonly connection: Connection
  readonly events: EventLog
  readonly models: PartnerModels
  readonly cursors: EventCursors
  readonly attempt: (endpoint: WebhookEndpoint, options: AttemptOptions) => Promise<Outcome>
  readonly now: () => Date
  readonly delaysMs?: readonly number[]
  readonly random?: () => number
}

/** Somebody else has the turn, or the place was moved: what this round has done is not written down. */
export class TurnLost extends Error {
  override readonly name = 'TurnLost'
}

/** Events that a round takes in: what a crash may send twice at most. */
const taken = { ENDPOINT: 10, SUBJECT: 16 } as const
/** Posts to one endpoint at once. */
const concurrency = 8
/** Deliveries that may wait for one endpoint; beyond it, events wait in the log. */
const mostWaiting = 500
/** After so long no further attempt is begun, so that a round's results are written down soon. */
const roundMs = 2_000
const suspendedWaitMs = 60_000
/** Positions that are looked at in one round. */
const mostPositions = 20_000

/** What a round works on and what it has found out so far. */
interface Round {
  readonly endpoint: WebhookEndpoint
  readonly access: EndpointAccess
  readonly signal: AbortSignal
  readonly deadline: number
  readonly changed: Map<string, WebhookDelivery>
  disable: WebhookDisabledReason | null
  failing: boolean
}

/** True where another round may find more to do. Throws TurnLost. */
export async function runRound(
  work: RoundDependencies,
  progress: WebhookProgress,
  signal: AbortSignal,
): Promise<{ readonly again: boolean; readonly progress: WebhookProgress }> {
  const { models, now } = work
  const endpoint = await models.webhooks.read(progress._id)
  if (endpoint === null) return { again: false, progress }
  const [access, open] = await Promise.all([
    readAccess(work, endpoint),
    models.webhookDeliveries.openOf(endpoint._id, mostWaiting * 2),
  ])
  const round: Round = {
    endpoint,
    access,
    signal,
    deadline: performance.now() + roundMs,
    changed: new Map(),
    disable: access.state === 'REVOKED' && endpoint.status === 'ENABLED' ? 'APP_REVOKED' : null,
    failing: progress.failing,
  }
  if (access.state === 'SUSPENDED') {
    const retryAt = new Date(now().getTime() + suspendedWaitMs)
    return { again: false, progress: await record(work, round, { progress, place: progress.position, retryAt }) }
  }
  const enabled = endpoint.status === 'ENABLED' && round.disable === null
  const waiting = open.filter(({ cause }) => cause === 'EVENT')
  const byHand = open.filter(({ cause }) => cause !== 'EVENT')
  const page = enabled && mayTake(endpoint, waiting) ? await readPage(work, round, progress) : null
  if (page === 'gap') return { again: true, progress: await passGap(work, round, progress) }
  const fresh = (page?.events ?? []).map((event) => newDelivery(endpoint, event, { cause: 'EVENT', now: now() }))
  const lanes = enabled ? toLanes(endpoint.order, [...waiting, ...fresh]) : []
  if (access.state === 'REVOKED') {
    for (const delivery of byHand) round.changed.set(delivery._id, skip(delivery, 'APP_REVOKED', now()))
  } else {
    // What was asked for by hand is in nobody's order.
    const byItself = byHand.map((delivery): Lane => [delivery])
    await Promise.all([runLanes(work, round, byItself), runLanes(work, round, lanes)])
  }
  const place = takeIn(round, fresh, page?.upTo ?? progress.position, progress.position)
  const after = lanes.map((lane) => lane.flatMap(({ _id }) => round.changed.get(_id) ?? stored(open, _id)))
  const moved = place > progress.position || round.changed.size > 0
  const retryAt = earliest(
    [...after, ...byHand.map(({ _id }) => [round.changed.get(_id) ?? stored(open, _id)].flat())],
    now(),
  )
  const next = await record(work, round, { progress, place, retryAt: round.disable === null ? retryAt : null })
  return { again: moved && round.disable === null && !signal.aborted, progress: next }
}

function stored(open: readonly WebhookDelivery[], id: string): WebhookDelivery[] {
  return open.filter(({ _id }) => _id === id)
}

/** In the order of the endpoint nothing is taken in behind what is open. */
function mayTake({ order }: WebhookEndpoint, waiting: readonly WebhookDelivery[]): boolean {
  return order === 'ENDPOINT' ? waiting.length === 0 : waiting.length < mostWaiting
}

async function readPage({ events }: RoundDependencies, { endpoint, access }: Round, { position }: WebhookProgress) {
  const wanted = endpoint.types.length === 0 ? null : endpoint.types
  const kinds = await readableEventTypes(events.declared, readerOf(endpoint, access), wanted)
  try {
    return await events.read(position, {
      limit: taken[endpoint.order],
      ...kinds,
      audience: endpoint.operator ? undefined : endpoint.organizationId,
      within: mostPositions,
    })
  } catch (error) {
    if (error instanceof EventsGoneError) return 'gap' as const
    throw error
  }
}

function readerOf({ environment }: WebhookEndpoint, { scopes }: EndpointAccess): EventTypeReader {
  return { scopes, sandbox: environment === 'SANDBOX' }
}

/** Why an app may not be told an event any more; null where it may. */
async function whyUnreadable(
  register: EventTypeRegister,
  reader: EventTypeReader,
  { type, event: { declaration } }: WebhookDelivery,
): Promise<'SCOPE_LOST' | 'TYPE_ENDED' | null> {
  const { types, declarations } = await readableEventTypes(register, reader, [type])
  if (declaration === undefined) return types.includes(type) ? null : 'SCOPE_LOST'
  if (declarations.includes(declaration)) return null
  const [now] = await register.named([type])
  return now?._id === declaration ? 'SCOPE_LOST' : 'TYPE_ENDED'
}

/** Goes on behind what was cut off the log, and tells so. */
async function passGap(work: RoundDependencies, round: Round, progress: WebhookProgress): Promise<WebhookProgress> {
  const { oldest } = await work.events.bounds()
  const told = webhookEvent('gap', round.endpoint, {
    after: work.cursors.encode(progress.position),
    oldest: work.cursors.encode(oldest - 1),
  })
  return record(work, round, { progress, place: Math.max(oldest - 1, progress.position), retryAt: null, tell: [told] })
}

async function runLanes(work: RoundDependencies, round: Round, lanes: readonly Lane[]): Promise<void> {
  const waiting = [...lanes]
  const next = async (): Promise<void> => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) await runLane(work, round, lane)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, lanes.length) }, next))
}

/** One after the other, until one is not delivered. */
async function runLane(work: RoundDependencies, round: Round, lane: Lane): Promise<void> {
  const { endpoint, access, signal, changed } = round
  for (const delivery of lane) {
    if (signal.aborted || round.disable !== null || performance.now() > round.deadline) return
    if (!isReady(delivery, work.now())) return
    if (delivery.cause !== 'TEST') {
      const unreadable = await whyUnreadable(work.events.declared, readerOf(endpoint, access), delivery)
      if (unreadable !== null) {
        changed.set(delivery._id, skip(delivery, unreadable, work.now()))
        continue
      }
    }
    const outcome = await work.attempt(endpoint, { delivery, scopes: access.scopes, signal })
    if (outcome.kind === 'aborted') return
    const settled = settle(delivery, outcome, { ...work, now: work.now() })
    changed.set(delivery._id, settled.delivery)
    round.disable ??= settled.disable
    if (delivery.cause === 'EVENT' && outcome.kind !== 'waits') round.failing = outcome.kind !== 'delivered'
    if (settled.delivery.open) return
  }
}

/**
 * The position behind what was taken in. In the order of the endpoint that is the last one tried; by subject all of the
 * page is, and what waits behind another one of its subject is written down as waiting.
 */
function takeIn({ endpoint, changed }: Round, fresh: readonly WebhookDelivery[], upTo: number, before: number): number {
  if (endpoint.order === 'SUBJECT') {
    for (const delivery of fresh) if (!changed.has(delivery._id)) changed.set(delivery._id, delivery)
    return upTo
  }
  const tried = fresh.filter(({ _id }) => changed.has(_id))
  return tried.length === fresh.length ? upTo : (tried.at(-1)?.position ?? before)
}

function earliest(lanes: readonly Lane[], now: Date): Date | null {
  const times = lanes.flatMap((lane) => dueOf(lane, now)?.getTime() ?? [])
  return times.length === 0 ? null : new Date(Math.min(...times))
}

/** Writes down what a round has done, in one transaction that holds only while the turn does. */
async function record(
  work: RoundDependencies,
  round: Round,
  done: {
    readonly progress: WebhookProgress
    readonly place: number
    readonly retryAt: Date | null
    readonly tell?: readonly NewEvent[]
  },
): Promise<WebhookProgress> {
  const { progress, place, retryAt, tell = [] } = done
  const { failing, changed, disable } = round
  const next = { ...progress, position: place, retryAt, failing }
  const same =
    place === progress.position &&
    retryAt?.getTime() === progress.retryAt?.getTime() &&
    failing === progress.failing &&
    changed.size + tell.length === 0 &&
    disable === null
  if (same) return progress
  await work.connection.transaction(async (session) => {
    const { webhookProgress, webhookDeliveries } = work.models
    if (!(await webhookProgress.record(session, progress, { position: place, retryAt, failing }))) throw new TurnLost()
    await webhookDeliveries.write(session, [...changed.values()])
    if (tell.length > 0) await work.events.append(session, ...tell)
    if (disable !== null) await disableEndpoint(work, round.endpoint, { disable, place, session })
  })
  return next
}

async function disableEndpoint(
  work: RoundDependencies,
  { _id }: WebhookEndpoint,
  { disable, place, session }: { disable: WebhookDisabledReason; place: number; session: ClientSession },
): Promise<void> {
  const { webhooks } = work.models
  const current = await webhooks.model.findById(_id, null, { session }).lean<WebhookEndpoint>()
  if (current === null || current.status === 'DISABLED') return
  const disabled = await webhooks.change(session, current, {
    status: 'DISABLED',
    disabledReason: disable,
    disabledAt: work.now(),
  })
  const told = { reason: disable, cursor: work.cursors.encode(place) }
  await work.events.append(session, webhookEvent('disabled', disabled, told))
  await tellOwner(work.models, disabled, { session, now: work.now() })
}
