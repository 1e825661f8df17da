import { CodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { OperationCoordinates } from '../operation/operation-coordinates.ts'
import type { Identity } from '../request.ts'
import type { Limiter } from './limiter.ts'
import { type PlanLimit, nothingWanted, planLimits } from './plan-demands.ts'

/** What the readers of one view were sent and have not been charged for. Counted up by whoever sends. */
export interface EventBill {
  events: number
  points: number
}

/** One reader's share in a bill. */
export interface BilledReader {
  readonly bill: EventBill
  /** The reader is gone; what it was sent is still charged. */
  release(): void
}

/** Charges events of streams: counted where they are sent, taken from the app's limits about once a second. */
export interface EventCharges {
  /** Throws THROTTLED while the app still owes for events that it was sent. */
  refuseDebtor(identity: Identity): void
  /** `onUnpaid` is called when the app cannot pay any more; readers of one view share a bill. */
  bill(
    view: string,
    reader: {
      readonly identity: Identity
      readonly uses: OperationCoordinates
      /** The contract or version on whose path it was opened; null for the whole graph. */
      readonly edition: string | null
      readonly onUnpaid: (refusal: CodedError) => void
    },
  ): BilledReader
  /** Charges what was sent until now. */
  charge(): Promise<void>
  close(): Promise<void>
}

interface Payer {
  identity: Identity
  debt: number
  refusal: CodedError | null
  readonly onUnpaid: Set<(refusal: CodedError) => void>
}

interface ViewBill extends EventBill {
  identity: Identity
  readonly payer: Payer
  readonly uses: OperationCoordinates
  readonly edition: string | null
  readers: number
}

const chargeEveryMs = 1_000

/** See `EventCharges`. What cannot be paid stays a debt: paid first, before the app may open a stream again. */
export function createEventCharges(options: {
  readonly limiter: Limiter
  readonly now: () => Date
  readonly log: Logger
  /** Told of what was sent, each event once. */
  readonly sent: (
    identity: Identity,
    streamed: { readonly uses: OperationCoordinates; readonly edition: string | null },
    sent: Readonly<EventBill>,
  ) => void
}): EventCharges {
  const { limiter, now, log, sent } = options
  const payers = new Map<string, Payer>()
  const bills = new Map<string, ViewBill>()
  let timer: NodeJS.Timeout | undefined
  let charging = Promise.resolve()

  const payerOf = (identity: Identity): Payer => {
    const key = payerKey(identity)
    const payer = payers.get(key) ?? { identity, debt: 0, refusal: null, onUnpaid: new Set() }
    payer.identity = identity
    payers.set(key, payer)
    return payer
  }
  /** Moves what was sent from bills to debts. */
  const collect = (): void => {
    for (const [view, bill] of bills) {
      if (bill.events > 0) {
        sent(bill.identity, bill, { events: bill.events, points: bill.points })
        bill.payer.debt += bill.points
        bill.events = 0
        bill.points = 0
      }
      if (bill.readers === 0) bills.delete(view)
    }
  }
  const take = async (payer: Payer): Promise<void> => {
    while (payer.debt > 0) {
      const part = Math.min(payer.debt, ...pointLimits(payer.identity, 0, now()).map(({ most }) => Math.max(1, most)))
      const { admitted, states } = await limiter.decide(demandsOf(pointLimits(payer.identity, part, now())))
      if (admitted) {
        payer.debt -= part
        continue
      }
      const left = Math.floor(Math.min(part, ...states.map(({ remaining }) => remaining)))
      if (left >= 1) {
        const rest = await limiter.decide(demandsOf(pointLimits(payer.identity, left, now())))
        if (rest.admitted) payer.debt -= left
      }
      payer.refusal = unpaid(payer)
      for (const tell of payer.onUnpaid) tell(payer.refusal)
      return
    }
    payer.refusal = null
  }
  const round = async (): Promise<void> => {
    collect()
    for (const [key, payer] of payers) {
      try {
        await take(payer)
      } catch (error) {
        log.warn({ err: error }, 'events of streams could not be charged now; they are charged later')
      }
      if (payer.debt === 0 && payer.onUnpaid.size === 0) payers.delete(key)
    }
    if (payers.size > 0 || bills.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  /** One round at a time: a debt that two rounds pay would be paid twice. */
  const charge = (): Promise<void> => {
    charging = charging.then(round)
    return charging
  }

  return {
    refuseDebtor(identity) {
      const refusal = payers.get(payerKey(identity))?.refusal
      if (refusal) throw refusal
    },
    bill(view, { identity, uses, edition, onUnpaid }) {
      timer ??= setInterval(() => void charge(), chargeEveryMs).unref()
      const payer = payerOf(identity)
      let bill = bills.get(view)
      if (bill === undefined) {
        bill = { events: 0, points: 0, identity, payer, uses, edition, readers: 0 }
        bills.set(view, bill)
      }
      const shared = bill
      shared.identity = identity
      shared.readers += 1
      payer.onUnpaid.add(onUnpaid)
      let held = true
      return {
        bill: shared,
        release() {
          if (!held) return
          held = false
          shared.readers -= 1
          payer.onUnpaid.delete(onUnpaid)
        },
      }
    },
    charge,
    async close() {
      await charge()
      clearInterval(timer)
    },
  }
}

/** The buckets that points are taken from. */
function pointLimits(identity: Identity, points: number, now: Date): PlanLimit[] {
  return planLimits(identity, { ...nothingWanted, points }, { now }).filter(({ unit }) => unit === 'POINTS')
}

function demandsOf(limits: readonly PlanLimit[]) {
  return limits.map(({ demand }) => demand)
}

function payerKey({ caller: { appId, endUserId } }: Identity): string {
  return endUserId === undefined ? appId : `${appId}\n${endUserId}`
}

function unpaid({ identity: { limits }, debt }: Payer): CodedError {
  const retryAfter = Math.max(1, Math.ceil(debt / limits.restoreRate))
  return new CodedError(
    'THROTTLED',
    `The app has used up its points by events of its streams; go on after \`cursor\` in ${retryAfter} seconds.`,
    { retryAfter },
  )
}
