// oxlint-disable unicorn/require-post-message-target-origin -- of windows; ports have no origin
import { type MessagePort, workerData } from 'node:worker_threads'
import { ConfigError } from '../../kit/config-error.ts'
import { supergraphFaults } from './check-supergraph.ts'
import { chooseRust, refuseFaults } from './choose-rust.ts'
import type { Planner } from './planner.ts'
import type { PlanAnswer, PlanQuestion, PlannerNews, PlannerWork } from './planner-messages.ts'

// The thread of a planner, started by planner-thread.ts. Runs on import.
const { work, news, questions } = workerData as { work: PlannerWork; news: MessagePort; questions: MessagePort }
const tell = (told: PlannerNews): void => news.postMessage(told)

try {
  const planner = await openPlanner(work)
  questions.on('message', (question: PlanQuestion) => answer(planner, question))
  tell({ kind: 'ready', name: planner.name })
} catch (error) {
  const reason = reasonOf(error)
  questions.on('message', ({ id, answered }: PlanQuestion) => reply({ id, failed: reason }, answered))
  tell({ kind: 'refused', reason, byConfig: error instanceof ConfigError })
}

async function openPlanner({ supergraphSdl, wanted }: PlannerWork): Promise<Planner> {
  if (wanted === 'deferring') {
    const [fault] = supergraphFaults(supergraphSdl, 'apollo')
    if (fault !== undefined) throw new ConfigError(fault)
    return openApollo(supergraphSdl)
  }
  // That the binary does not load was told when the gateway started.
  const rust = chooseRust(wanted, { info: () => undefined, warn })
  return refuseFaults(supergraphSdl, rust(supergraphSdl) ?? (await openApollo(supergraphSdl)))
}

function warn({ err }: { readonly err: unknown }, text: string): void {
  tell({ kind: 'warning', text, reason: reasonOf(err) })
}

/** Its modules take more time and memory than the whole Rust planner, so they are loaded where it plans. */
async function openApollo(supergraphSdl: string): Promise<Planner> {
  const { buildApolloPlanner } = await import('./build-apollo-planner.ts')
  const { createApolloPlanner } = await import('./apollo-planner.ts')
  return createApolloPlanner(buildApolloPlanner(supergraphSdl))
}

function answer(planner: Planner, { id, operation, answered }: PlanQuestion): void {
  let told: PlanAnswer
  try {
    told = { id, plan: planner.plan(operation) }
  } catch (error) {
    told = { id, failed: reasonOf(error) }
  }
  reply(told, answered)
}

function reply(told: PlanAnswer, answered: Int32Array | null): void {
  questions.postMessage(told)
  if (answered === null) return
  Atomics.store(answered, 0, 1)
  Atomics.notify(answered, 0)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
