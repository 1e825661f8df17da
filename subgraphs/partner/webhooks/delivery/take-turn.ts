import { v7 } from 'uuid'
import type { Logger } from '../../../../kit/log.ts'
import type { WebhookProgress } from '../progress.ts'
import { type RoundDependencies, TurnLost, runRound } from './run-round.ts'

export interface TurnDependencies extends RoundDependencies {
  readonly log: Logger
  /** How long a turn belongs to a process that shows no sign of life. */
  readonly turnMs: number
}

/**
 * `busy` where another process has the turn; `more` where this one has had its share; `failing` where the endpoint took
 * nothing lately.
 */
export type TurnResult = 'busy' | 'more' | 'done' | 'failing'

/** Rounds in a row, so that an endpoint with much to take does not keep a slot for ever. */
const mostRounds = 50

/** Delivers to one endpoint until there is nothing more to do now. One process at a time does so for an endpoint. */
export async function takeTurn(work: TurnDependencies, endpointId: string, closing: AbortSignal): Promise<TurnResult> {
  const { now, turnMs } = work
  const { webhookProgress } = work.models
  const turn = v7()
  const until = () => new Date(now().getTime() + turnMs)
  const begun = await webhookProgress.take(endpointId, turn, { now: now(), until: until() })
  if (begun === null) return 'busy'
  const lost = new AbortController()
  const signal = AbortSignal.any([closing, lost.signal])
  const prolong = async (): Promise<void> => {
    try {
      if (!(await webhookProgress.prolong(endpointId, turn, until()))) lost.abort()
    } catch (error) {
      work.log.warn({ err: error, webhookEndpoint: endpointId }, 'the turn of an endpoint was not prolonged')
    }
  }
  const heartbeat = setInterval(() => void prolong(), turnMs / 3).unref()
  try {
    return await runRounds(work, begun, signal)
  } catch (error) {
    if (error instanceof TurnLost) return 'busy'
    throw error
  } finally {
    clearInterval(heartbeat)
    await webhookProgress.leave(endpointId, turn)
  }
}

async function runRounds(work: TurnDependencies, begun: WebhookProgress, signal: AbortSignal): Promise<TurnResult> {
  let progress = begun
  for (let round = 0; round < mostRounds; round += 1) {
    const result = await runRound(work, progress, signal)
    progress = result.progress
    if (!result.again || signal.aborted) return progress.failing ? 'failing' : 'done'
  }
  return 'more'
}
