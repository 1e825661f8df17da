// oxlint-disable unicorn/require-post-message-target-origin -- of windows; ports have no origin
import { MessageChannel, type MessagePort, Worker, receiveMessageOnPort } from 'node:worker_threads'
import { ConfigError } from '../../kit/config-error.ts'
import type { QueryPlan } from '../operation/query-plan.ts'
import type { PlannerLog } from './choose-rust.ts'
import type { PlanAnswer, PlanQuestion, PlannerNews, PlannerWork } from './planner-messages.ts'
import type { Planner, PlannerName } from './planner.ts'
import { startPlannerWorker } from './start-planner-worker.ts'

/** A planner in a thread of its own. `plan` waits for it, as an operation that nobody has asked before must. */
export interface PlannerThread extends Planner {
  /** The same without waiting here. */
  planAhead(operation: string): Promise<QueryPlan>
  /** Lets go of the thread and what it holds; it is started again should anything still be planned. */
  rest(): void
}

/** The longest that an operation waits for its plan; a thread that was let go has to be made anew in it. */
const longestMs = 30_000

interface Running {
  readonly worker: Worker
  readonly questions: MessagePort
  readonly waiting: Map<number, (answer: PlanAnswer) => void>
  readonly ready: Promise<PlannerName>
}

/**
 * Makes a planner in a thread of its own, for making it is the longest step of taking a supergraph in: it takes seconds
 * for thousands of types. Rejects when the supergraph cannot be planned for.
 */
export async function openPlannerThread({
  log,
  ...work
}: PlannerWork & { readonly log: PlannerLog }): Promise<PlannerThread> {
  let running: Running | undefined
  let asked = 0
  let rests = false
  const thread = (): Running => {
    running ??= start(work, log, (ended) => {
      if (running === ended) running = undefined
    })
    return running
  }
  const rest = (): void => {
    rests = true
    const ending = running
    running = undefined
    void ending?.worker.terminate()
  }

  let name: PlannerName
  try {
    name = await thread().ready
  } catch (error) {
    rest()
    throw error
  }
  return {
    name,
    plan(operation) {
      const id = (asked += 1)
      const { questions, waiting } = thread()
      const answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
      questions.postMessage({ id, operation, answered } satisfies PlanQuestion)
      Atomics.wait(answered, 0, 0, longestMs)
      for (;;) {
        const answer = receiveMessageOnPort(questions)?.message as PlanAnswer | undefined
        if (answer?.id !== id && answer) {
          settle(waiting, answer)
          continue
        }
        if (rests) rest()
        if (answer) return planOf(answer)
        throw new Error(`the planner has not answered in ${longestMs} ms`)
      }
    },
    planAhead(operation) {
      const id = (asked += 1)
      const { questions, waiting } = thread()
      return new Promise<PlanAnswer>((resolve) => {
        waiting.set(id, resolve)
        questions.postMessage({ id, operation, answered: null } satisfies PlanQuestion)
      }).then(planOf)
    },
    rest,
  }
}

function start(work: PlannerWork, log: PlannerLog, onEnd: (ended: Running) => void): Running {
  const told = new MessageChannel()
  const asked = new MessageChannel()
  const questions = asked.port1
  const waiting: Running['waiting'] = new Map()
  const worker = startPlannerWorker(
    { work, news: told.port2, questions: asked.port2 },
    { transferList: [told.port2, asked.port2] },
  )
  const ready = new Promise<PlannerName>((resolve, reject) => {
    told.port1.on('message', (news: PlannerNews) => {
      if (news.kind === 'ready') resolve(news.name)
      else if (news.kind === 'warning') log.warn({ err: new Error(news.reason) }, news.text)
      else reject(news.byConfig ? new ConfigError(news.reason) : new Error(news.reason))
    })
    worker.once('error', (error) => {
      log.warn({ err: error }, 'the thread of a planner has failed; it is started again when it is needed')
      reject(error)
    })
    worker.once('exit', () => {
      reject(new Error('the thread of the planner has ended'))
      onEnd(running)
      for (const id of waiting.keys()) settle(waiting, { id, failed: 'the thread of the planner has ended' })
    })
  })
  questions.on('message', (answer: PlanAnswer) => settle(waiting, answer))
  // Only while it is made is it a reason for the process to live.
  const letEnd = (): void => [worker, told.port1, questions].forEach((resource) => resource.unref())
  ready.then(letEnd, letEnd)
  const running = { worker, questions, waiting, ready }
  return running
}

function settle(waiting: Running['waiting'], answer: PlanAnswer): void {
  waiting.get(answer.id)?.(answer)
  waiting.delete(answer.id)
}

function planOf(answer: PlanAnswer): QueryPlan {
  if ('failed' in answer) throw new Error(answer.failed)
  return answer.plan
}
