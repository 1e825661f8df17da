import { unsupported } from '../errors.ts'
import type { Collection } from '../engine/collection.ts'
import { choosePlan, type Plan } from '../plan/choose-plan.ts'
import { findRecords, type Query } from '../plan/find-records.ts'
import type { Doc } from '../query/bson.ts'
import { collectionArgument, docArgument } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { readQuery } from './find.ts'
import { readCollection } from './written-collection.ts'

/** https://www.mongodb.com/docs/manual/reference/command/explain/, for find only. */
export const explain: Command = {
  name: 'explain',
  options: ['verbosity'],
  inTransaction: false,
  async run(context) {
    const explained = docArgument(context.body, 'explain')
    const command = Object.keys(explained)[0] ?? ''
    if (command !== 'find') throw unsupported('InvalidOptions', `explain of '${command}'`)
    const name = collectionArgument(explained, 'find')
    const query = readQuery(explained)
    const collection = readCollection(context, name)
    const winningPlan = collection === undefined ? { stage: 'EOF' } : describePlan(choosePlan(collection, query), query)
    const reply: Doc = {
      explainVersion: '1',
      queryPlanner: { namespace: `${context.db}.${name}`, parsedQuery: query.filter, winningPlan, rejectedPlans: [] },
    }
    if (context.body['verbosity'] === 'queryPlanner') return { ...reply, command: explained }
    return { ...reply, executionStats: await execute(context, collection, query), command: explained }
  },
}

function describePlan({ scan, reverse, sorted }: Plan, { filter, sort, limit, skip }: Query): Doc {
  const filtered = Object.keys(filter).length > 0 ? { filter } : {}
  const direction = reverse ? 'backward' : 'forward'
  let plan: Doc =
    scan === undefined
      ? { stage: 'COLLSCAN', ...filtered, direction }
      : {
          stage: 'FETCH',
          ...filtered,
          inputStage: {
            stage: 'IXSCAN',
            keyPattern: scan.index.key,
            indexName: scan.index.name,
            isMultiKey: scan.index.multikey,
            isUnique: scan.index.unique,
            isSparse: scan.index.sparse,
            isPartial: scan.index.partialFilter !== undefined,
            direction,
            boundFields: scan.boundFields + (scan.ranged ? 1 : 0),
          },
        }
  if (!sorted) plan = { stage: 'SORT', sortPattern: sort, inputStage: plan }
  if (skip > 0) plan = { stage: 'SKIP', skipAmount: skip, inputStage: plan }
  if (limit > 0) plan = { stage: 'LIMIT', limitAmount: limit, inputStage: plan }
  return plan
}

async function execute({ view, operation }: Context, collection: Collection | undefined, query: Query): Promise<Doc> {
  const start = performance.now()
  let nReturned = 0
  let examined = { totalKeysExamined: 0, totalDocsExamined: 0 }
  if (collection !== undefined) {
    const { records, scanner } = findRecords({ view, collection, operation }, query)
    try {
      for await (const _record of records) nReturned++
    } finally {
      operation.release()
    }
    examined = { totalKeysExamined: scanner.keysExamined, totalDocsExamined: scanner.docsExamined }
  }
  return { executionSuccess: true, nReturned, executionTimeMillis: Math.round(performance.now() - start), ...examined }
}
