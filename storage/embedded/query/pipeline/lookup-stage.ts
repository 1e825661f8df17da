import { CommandError, unsupported } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { compileExpression, type ExpressionContext } from '../expression/compile-expression.ts'
import type { Evaluate } from '../expression/evaluate.ts'
import { checkVariableName } from '../expression/variable-operators.ts'
import { isDoc, typeOf } from '../value-type.ts'
import { JoinIndex } from './join-index.ts'
import { MemoryMeter, sizeOfDoc } from './memory-meter.ts'
import { fromArray, runStages } from './run-stages.ts'
import type { StageCompiler, StageContext } from './stage.ts'
import { withValueAt } from './unwind-stage.ts'

type Lookup = {
  from: string
  as: string[]
  join: { localField: string; foreignField: string } | undefined
  variables: readonly (readonly [string, Evaluate])[]
  pipeline: readonly unknown[] | undefined
}

export const compileLookup: StageCompiler = (spec, context) => {
  const lookup = parseLookup(spec, context.expressions)
  // Compiled once for its errors; what runs is compiled per document, its variables settled.
  if (lookup.pipeline !== undefined) {
    context.compilePipeline(
      lookup.pipeline,
      withConstants(context, new Map(lookup.variables.map(([name]) => [name, null]))),
    )
  }
  return [
    {
      kind: 'whole',
      async *run(source) {
        let foreign: Foreign | undefined
        for await (const doc of source) {
          foreign ??= await readForeign(lookup, context)
          yield withValueAt(doc, lookup.as, await joined(doc, { lookup, foreign, context }))
        }
      },
    },
  ]
}

type Foreign = { docs: readonly Doc[]; index: JoinIndex | undefined }

/** The other collection is read once for all documents, as far as memory allows. */
async function readForeign({ from, join }: Lookup, { environment }: StageContext): Promise<Foreign> {
  const meter = new MemoryMeter('$lookup', environment.memoryLimitBytes)
  const docs: Doc[] = []
  for await (const doc of environment.read(from)) {
    meter.add(sizeOfDoc(doc))
    docs.push(doc)
  }
  return { docs, index: join === undefined ? undefined : new JoinIndex(docs, join.foreignField) }
}

async function joined(
  doc: Doc,
  { lookup, foreign, context }: { lookup: Lookup; foreign: Foreign; context: StageContext },
): Promise<Doc[]> {
  const candidates =
    foreign.index === undefined ? foreign.docs : foreign.index.matching(doc, lookup.join?.localField as string)
  if (lookup.pipeline === undefined) return [...candidates]
  const scope = { root: doc, variables: undefined }
  const constants = new Map(lookup.variables.map(([name, evaluate]) => [name, evaluate(scope)]))
  const stages = context.compilePipeline(lookup.pipeline, withConstants(context, constants))
  const found: Doc[] = []
  for await (const one of runStages(fromArray(candidates, context.environment), stages, context.environment))
    found.push(one)
  return found
}

function withConstants(context: StageContext, constants: ReadonlyMap<string, unknown>): StageContext {
  const { expressions } = context
  return { ...context, expressions: { ...expressions, constants: new Map([...expressions.constants, ...constants]) } }
}

function parseLookup(spec: unknown, context: ExpressionContext): Lookup {
  if (!isDoc(spec))
    throw new CommandError('FailedToParse', `the $lookup specification must be an object, but found ${typeOf(spec)}`)
  const { from, as, localField, foreignField, let: variables = {}, pipeline, ...others } = spec
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined) throw new CommandError('FailedToParse', `unknown argument to $lookup: ${unknown}`)
  if (isDoc(from)) throw unsupported('FailedToParse', "a $lookup 'from' another database")
  if (from === undefined) throw unsupported('FailedToParse', "a $lookup without 'from'")
  if (typeof from !== 'string' || typeof as !== 'string') {
    throw new CommandError('FailedToParse', "$lookup arguments 'from' and 'as' must be strings")
  }
  if (pipeline !== undefined && !Array.isArray(pipeline))
    throw new CommandError('TypeMismatch', "'pipeline' option must be specified as an array")
  if (!isDoc(variables)) throw new CommandError('FailedToParse', "$lookup argument 'let' must be an object")
  for (const name of Object.keys(variables)) checkVariableName(name)
  const join = localField === undefined && foreignField === undefined ? undefined : { localField, foreignField }
  if (
    join === undefined ? pipeline === undefined : typeof localField !== 'string' || typeof foreignField !== 'string'
  ) {
    throw new CommandError(
      'FailedToParse',
      "$lookup requires both or neither of 'localField' and 'foreignField' to be specified",
    )
  }
  return {
    from,
    as: as.split('.'),
    join: join as Lookup['join'],
    variables: Object.entries(variables).map(([name, value]) => [name, compileExpression(value, context)] as const),
    pipeline: pipeline as unknown[] | undefined,
  }
}
