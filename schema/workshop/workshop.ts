import { type ChildProcess, fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { EditionTexts } from '../../kit/contracts.ts'
import type { Config } from '../../kit/config.ts'
import type { TrialFindings } from '../../kit/document-trial.ts'
import type {
  Candidate,
  CandidateFindings,
  ComposedTexts,
  LoadedTexts,
  SchemaChange,
  SchemaProblem,
  SchemaWorkshop,
} from '../../kit/schema-workshop.ts'
import type { Job, JobOutcome } from './jobs.ts'

export interface WorkshopOptions {
  /** The longest that one job may take. */
  readonly timeoutMs?: number
  /** The most memory that its process may hold. */
  readonly memoryMb?: number
  /** A process that has had nothing to do for so long is let go: composition's modules take some 100 MB. */
  readonly idleMs?: number
  /** What documents are tried with: the setting of the gateways. */
  readonly planner?: Config['PLANNER']
}

/** The process ended before its job did. */
class WorkEnded extends Error {
  override readonly name = 'WorkEnded'
}

/**
 * Composes and checks in a process of its own, one job at a time, so that no text can take ours with it: what takes too
 * long or too much memory is ended, and the next job begins anew. Nothing is started before the first job.
 */
export function createWorkshop({
  timeoutMs = 30_000,
  memoryMb = 768,
  idleMs = 60_000,
  planner = 'auto',
}: WorkshopOptions = {}): SchemaWorkshop {
  let child: ChildProcess | undefined
  let letGo: NodeJS.Timeout | undefined
  let last: Promise<unknown> = Promise.resolve()
  let closed = false
  // Whoever was not answered in time and asks again waits for the same check, and not for one more behind it.
  let checking: { readonly texts: string; readonly findings: Promise<CandidateFindings> } | undefined

  const open = (): ChildProcess => {
    clearTimeout(letGo)
    child ??= start(memoryMb)
    return child
  }
  const end = (): void => {
    clearTimeout(letGo)
    child?.kill('SIGKILL')
    child = undefined
  }
  const perform = async (job: Job): Promise<unknown> => {
    if (closed) throw new WorkEnded('The schema workshop is closed.')
    const working = open()
    let done = false
    try {
      const outcome = await outcomeOf(working, job, timeoutMs)
      done = true
      if ('failed' in outcome) throw new Error(outcome.failed)
      return outcome.done
    } finally {
      if (done) letGo = setTimeout(end, idleMs).unref()
      else end()
    }
  }
  const queued = <Done>(job: Job): Promise<Done> => {
    const turn = last.then(() => perform(job))
    last = turn.catch(() => undefined)
    return turn as Promise<Done>
  }

  const check = async (candidate: Candidate): Promise<CandidateFindings> => {
    try {
      return await queued<CandidateFindings>({ kind: 'check', candidate })
    } catch (error) {
      return { problems: [whole(candidate, error)], changes: [], composed: null, scopes: [], eventTypes: [] }
    }
  }

  return {
    async check(candidate) {
      const texts = textsOf(candidate)
      if (checking?.texts !== texts) checking = { texts, findings: check(candidate) }
      const { findings } = checking
      try {
        return await findings
      } finally {
        if (checking?.findings === findings) checking = undefined
      }
    },
    compose: (services) => queued<ComposedTexts>({ kind: 'compose', services }),
    compare: (before, after) => queued<readonly SchemaChange[]>({ kind: 'compare', before, after }),
    editions: (supergraphSdl, contracts) => queued<EditionTexts>({ kind: 'editions', supergraphSdl, contracts }),
    tryDocuments: (trial) => queued<TrialFindings>({ kind: 'try', trial, planner }),
    load: (supergraphSdl) => queued<LoadedTexts>({ kind: 'load', supergraphSdl }),
    async close() {
      closed = true
      end()
      await last
    },
  }
}

/** What decides a check, but for the moment: that two of them are seconds apart changes no finding. */
function textsOf({ services, changed, before, contracts }: Candidate): string {
  return JSON.stringify([services, changed, before, contracts?.contracts])
}

function outcomeOf(child: ChildProcess, job: Job, timeoutMs: number): Promise<JobOutcome> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => settle(() => reject(new WorkEnded(`It took longer than ${timeoutMs / 1_000} seconds.`))),
      timeoutMs,
    )
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      child.off('message', told).off('error', failed).off('exit', exited)
      letRest(child)
      act()
    }
    const told = (outcome: JobOutcome): void => settle(() => resolve(outcome))
    const failed = (error: Error): void => settle(() => reject(new WorkEnded(error.message)))
    // V8 ends a process that has used up its memory.
    const exited = (code: number | null, signal: string | null): void =>
      settle(() => reject(new WorkEnded(`It took too much memory, or was ended (${signal ?? code}).`)))
    child.on('message', told).on('error', failed).on('exit', exited)
    child.ref()
    child.channel?.ref()
    child.send(job, (error) => {
      if (error) failed(error)
    })
  })
}

/** Only while it works is it a reason for ours to live. */
function letRest(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
}

/** The built .js beside this one, or the .ts source, which Node before 22.18 runs only with a loader. */
function start(memoryMb: number): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts')
  const runsTypeScript = 'typescript' in process.features && process.features.typescript !== false
  const entry = fileURLToPath(new URL(isSource ? 'process.ts' : 'process.js', import.meta.url))
  return fork(entry, {
    // Nothing of ours is for it: no secret, and no loader or debugger either.
    env: {},
    execArgv: [
      `--max-old-space-size=${memoryMb}`,
      '--stack-size=4000',
      ...(isSource && !runsTypeScript
        ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
        : []),
    ],
    serialization: 'advanced',
    // What V8 says of memory that is used up is no line of our log.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

function whole({ changed, services }: Candidate, error: unknown): SchemaProblem {
  const reason = error instanceof Error ? error.message : String(error)
  return {
    severity: 'ERROR',
    rule: error instanceof WorkEnded ? 'SIZE' : 'COMPOSITION',
    message: `The subgraph could not be checked. ${reason}`,
    subgraph: changed ?? services[0]?.name ?? '',
    coordinate: null,
    line: 1,
    column: 1,
    hint: error instanceof WorkEnded ? 'Make the schema smaller, or cut it into several subgraphs.' : null,
    query: null,
  }
}
