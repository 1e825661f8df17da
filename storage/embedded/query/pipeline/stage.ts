import type { Doc } from '../bson.ts'
import type { ExpressionContext } from '../expression/compile-expression.ts'

/** What a pipeline may use besides its documents. */
export type Environment = {
  read(collection: string): AsyncIterable<Doc>
  /** How many bytes of documents each stage that has to see all of them may hold. */
  memoryLimitBytes: number
  /** Called now and then in every long loop: may wait, to let others run, or throw, to stop. */
  breathe?: () => Promise<void> | undefined
}

export type StageContext = {
  environment: Environment
  expressions: ExpressionContext
  compilePipeline: PipelineCompiler
}

export type PipelineCompiler = (pipeline: unknown, context: StageContext) => Stage[]

/** One document at a time: each may give any number of documents. */
export type EachStage = {
  kind: 'each'
  /** Starts a run, which has its own state. */
  start(): {
    take(doc: Doc, emit: (doc: Doc) => void): void
    /** Whether no further document can make a difference. */
    isDone?(): boolean
  }
}

/** A stage that has to see all documents, or that reads others. */
export type WholeStage = { kind: 'whole'; run(source: AsyncIterable<Doc>): AsyncIterable<Doc> }

export type Stage = EachStage | WholeStage

/** Compiles one stage's specification. */
export type StageCompiler = (spec: unknown, context: StageContext) => Stage[]

/** A stage that turns every document into one other. */
export function mapping(change: (doc: Doc) => Doc): EachStage {
  return { kind: 'each', start: () => ({ take: (doc, emit) => emit(change(doc)) }) }
}
