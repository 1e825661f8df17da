import { BSONRegExp, Long } from 'bson'
import { CommandError, unsupported } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { compileFilter } from '../compile-filter.ts'
import { encodeKey } from '../encode-key.ts'
import { compileExpression, type ExpressionContext } from '../expression/compile-expression.ts'
import type { Evaluate } from '../expression/evaluate.ts'
import type { DocTest } from '../filter/condition.ts'
import { integerArgument } from '../integer-argument.ts'
import { isDoc, typeOf } from '../value-type.ts'
import { JoinIndex, localValues } from './join-index.ts'
import { MemoryMeter, sizeOfDoc } from './memory-meter.ts'
import type { Environment, StageCompiler } from './stage.ts'
import { withValueAt } from './unwind-stage.ts'

type GraphLookup = {
  from: string
  as: string[]
  startWith: Evaluate
  connectFrom: string
  connectTo: string
  maxDepth: number
  depthField: string[] | undefined
  restrict: DocTest
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/graphLookup/ */
export const compileGraphLookup: StageCompiler = (spec, { environment, expressions }) => {
  const lookup = parse(spec, expressions)
  return [
    {
      kind: 'whole',
      async *run(source) {
        let index: JoinIndex | undefined
        for await (const doc of source) {
          index ??= await readOther(lookup, environment)
          const start = lookup.startWith({ root: doc, variables: undefined })
          const from = Array.isArray(start) ? start : start === undefined ? [] : [start]
          const found = await search(from, { lookup, index, environment })
          yield withValueAt(doc, lookup.as, found)
        }
      },
    },
  ]
}

async function readOther({ from, connectTo, restrict }: GraphLookup, environment: Environment): Promise<JoinIndex> {
  const meter = new MemoryMeter('$graphLookup', environment.memoryLimitBytes)
  const docs: Doc[] = []
  for await (const doc of environment.read(from)) {
    if (!restrict(doc)) continue
    meter.add(sizeOfDoc(doc))
    docs.push(doc)
  }
  return new JoinIndex(docs, connectTo)
}

/** Level by level, each document once. */
async function search(
  start: readonly unknown[],
  { lookup, index, environment }: { lookup: GraphLookup; index: JoinIndex; environment: Environment },
): Promise<Doc[]> {
  const visited = new Set<string>()
  const found: Doc[] = []
  let frontier = start
  for (let depth = 0; frontier.length > 0 && depth <= lookup.maxDepth; depth++) {
    if (frontier.some((value) => value instanceof BSONRegExp)) {
      throw unsupported('FailedToParse', 'a $graphLookup over regular expressions')
    }
    await environment.breathe?.()
    const next: unknown[] = []
    for (const doc of index.having(frontier)) {
      const id = encodeKey([doc['_id']], [1]).toString('latin1')
      if (visited.has(id)) continue
      visited.add(id)
      found.push(lookup.depthField === undefined ? doc : withValueAt(doc, lookup.depthField, Long.fromNumber(depth)))
      next.push(...localValues(doc, lookup.connectFrom))
    }
    frontier = next
  }
  return found
}

const strings = ['from', 'as', 'connectFromField', 'connectToField'] as const

function parse(spec: unknown, context: ExpressionContext): GraphLookup {
  if (!isDoc(spec)) {
    throw new CommandError(
      'FailedToParse',
      `the $graphLookup stage specification must be an object, but found ${typeOf(spec)}`,
    )
  }
  const {
    from,
    as,
    startWith,
    connectFromField,
    connectToField,
    maxDepth,
    depthField,
    restrictSearchWithMatch,
    ...others
  } = spec
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined) throw new CommandError('Location40104', `Unknown argument to $graphLookup: ${unknown}`)
  for (const name of strings) {
    const value = spec[name]
    if (value === undefined) continue
    if (name === 'from' && isDoc(value)) throw unsupported('FailedToParse', "a $graphLookup 'from' another database")
    if (typeof value !== 'string') {
      throw new CommandError('Location40103', `expected string as argument for ${name}, found: ${typeOf(value)}`)
    }
    if (value.startsWith('$')) {
      throw new CommandError('Location16410', `FieldPath field names may not start with '$': '${value}'`)
    }
  }
  if (strings.some((name) => spec[name] === undefined) || startWith === undefined) {
    throw new CommandError(
      'Location40105',
      "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and 'connectToField' to be specified.",
    )
  }
  if (depthField !== undefined && typeof depthField !== 'string') {
    throw new CommandError('Location40103', `expected string as argument for depthField, found: ${typeOf(depthField)}`)
  }
  if (restrictSearchWithMatch !== undefined && !isDoc(restrictSearchWithMatch)) {
    throw new CommandError('Location40185', 'restrictSearchWithMatch must be an object')
  }
  return {
    from: from as string,
    as: (as as string).split('.'),
    startWith: compileExpression(startWith, context),
    connectFrom: connectFromField as string,
    connectTo: connectToField as string,
    maxDepth: depthOf(maxDepth),
    depthField: depthField?.split('.'),
    restrict: restrictSearchWithMatch === undefined ? () => true : compileFilter(restrictSearchWithMatch, context),
  }
}

function depthOf(maxDepth: unknown): number {
  if (maxDepth === undefined) return Number.POSITIVE_INFINITY
  const depth = integerArgument(maxDepth)
  if (depth === undefined) throw new CommandError('Location40102', 'maxDepth could not be represented as a long long')
  if (depth < 0) throw new CommandError('Location40101', 'maxDepth requires a nonnegative argument')
  return depth
}
