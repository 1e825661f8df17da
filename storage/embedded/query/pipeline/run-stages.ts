import type { Doc } from '../bson.ts'
import type { EachStage, Environment, Stage } from './stage.ts'

/** Runs compiled stages. Neighbours that take one document at a time run in one synchronous step. */
export function runStages(
  source: AsyncIterable<Doc>,
  stages: readonly Stage[],
  environment: Environment,
): AsyncIterable<Doc> {
  let docs = source
  let together: EachStage[] = []
  for (const stage of stages) {
    if (stage.kind === 'each') {
      together.push(stage)
      continue
    }
    if (together.length > 0) docs = runTogether(docs, together, environment)
    together = []
    docs = stage.run(docs)
  }
  return together.length > 0 ? runTogether(docs, together, environment) : docs
}

async function* runTogether(
  source: AsyncIterable<Doc>,
  stages: readonly EachStage[],
  environment: Environment,
): AsyncIterable<Doc> {
  let out: Doc[] = []
  let emit = (doc: Doc): void => {
    out.push(doc)
  }
  const runs = stages.map((stage) => stage.start())
  for (const run of runs.toReversed()) {
    const next = emit
    emit = (doc) => run.take(doc, next)
  }
  let place = 0
  for await (const doc of source) {
    // A stage before may hand on what it holds without a pause.
    if (++place % docsPerBreath === 0) await environment.breathe?.()
    emit(doc)
    if (out.length > docsPerBreath) yield* fromArray(out, environment)
    else yield* out
    if (out.length > 0) out = []
    if (runs.some((run) => run.isDone?.() === true)) return
  }
}

const docsPerBreath = 64

/** Documents that are in memory, as a source. */
export async function* fromArray(docs: readonly Doc[], { breathe }: Environment): AsyncIterable<Doc> {
  for (const [place, doc] of docs.entries()) {
    if (breathe !== undefined && place % docsPerBreath === 0) await breathe()
    yield doc
  }
}
