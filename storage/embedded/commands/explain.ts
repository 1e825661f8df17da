import { CommandError, unsupported } from '../errors.ts'
import type { Collection } from '../engine/collection.ts'
import { choosePlan, type Plan } from '../plan/choose-plan.ts'
import { findRecords } from '../plan/find-records.ts'
import type { Query } from '../plan/query.ts'
import { everything } from '../plan/query-filter.ts'
import type { Doc } from '../query/bson.ts'
import { checkPipeline, splitQuery } from './aggregate.ts'
import { collectionArgument, docArgument, docsArgument, flagArgument, numberArgument } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { readQuery } from './find.ts'
import { readCollection } from './written-collection.ts'

/** https://www.mongodb.com/docs/manual/reference/command/explain/, for what a command reads. */
export const explain: Command = {
  name: 'explain',
  options: ['verbosity'],
  inTransaction: false,
  async run(context) {
    const explained = docArgument(context.body, 'explain')
    const command = Object.keys(explained)[0] ?? ''
    const details =
      command === 'aggregate'
        ? await explainPipeline(context, explained)
        : await explainOther(context, command, explained)
    return { explainVersion: '1', ...details, command: explained }
  },
}

/** Of a write it tells how its documents are found, and writes nothing. */
async function explainOther(context: Context, name: string, command: Doc): Promise<Doc> {
  const read = Object.hasOwn(queries, name) ? queries[name] : undefined
  if (read === undefined) throw unsupported('InvalidOptions', `explain of '${name}'`)
  const { stage, query } = read(command)
  const explained = await explainQuery(context, command, name, query)
  if (stage === undefined) return explained
  const { winningPlan, ...planner } = explained['queryPlanner'] as Doc
  return { ...explained, queryPlanner: { ...planner, winningPlan: { stage, inputStage: winningPlan } } }
}

type Explained = { stage?: string; query: Query }

/** What each command searches for, and the stage above the search. */
const queries: Readonly<Record<string, (command: Doc) => Explained>> = {
  find: (command) => ({ query: readQuery(command) }),
  count: (command) => ({
    stage: 'COUNT',
    query: readQuery({
      filter: command['query'] ?? {},
      limit: Math.abs(numberArgument(command, 'limit', 0)),
      skip: command['skip'],
      hint: command['hint'],
    }),
  }),
  distinct: (command) => ({ query: readQuery({ filter: command['query'] ?? {} }) }),
  update: (command) => {
    const statement = onlyStatement(command, 'updates')
    const { q, sort, hint } = statement
    const limit = flagArgument(statement, 'multi') ? 0 : 1
    return { stage: 'UPDATE', query: readQuery({ filter: q, sort, limit, hint }) }
  },
  delete: (command) => {
    const statement = onlyStatement(command, 'deletes')
    const { q, hint } = statement
    return { stage: 'DELETE', query: readQuery({ filter: q, limit: statement['limit'], hint }) }
  },
  findAndModify: (command) => {
    const { query, sort, hint } = command
    const stage = flagArgument(command, 'remove') ? 'DELETE' : 'UPDATE'
    return { stage, query: readQuery({ filter: query ?? {}, sort, limit: 1, hint }) }
  },
}

function onlyStatement(command: Doc, name: string): Doc {
  const [statement, ...more] = docsArgument(command, name)
  if (statement !== undefined && more.length === 0) return statement
  throw new CommandError('InvalidLength', 'explained write batches must be of size 1')
}

async function explainQuery(context: Context, command: Doc, name: string, query: Query): Promise<Doc> {
  const namespace = collectionArgument(command, name)
  const collection = readCollection(context, namespace)
  const winningPlan =
    collection === undefined
      ? { stage: 'EOF' }
      : describePlan(choosePlan(collection, { ...query, filter: query.filter.doc }), query)
  const parsedQuery = query.filter.asked
  const queryPlanner = { namespace: `${context.db}.${namespace}`, parsedQuery, winningPlan, rejectedPlans: [] }
  if (context.body['verbosity'] === 'queryPlanner') return { queryPlanner }
  return { queryPlanner, executionStats: await execute(context, collection, query) }
}

/** What the planner takes over is told like a find, the stages after it as they are. */
async function explainPipeline(context: Context, command: Doc): Promise<Doc> {
  const pipeline = docsArgument(command, 'pipeline')
  checkPipeline(pipeline)
  const { query, rest } = splitQuery(pipeline)
  const { hint } = command
  const cursor = await explainQuery(context, command, 'aggregate', hint === undefined ? query : { ...query, hint })
  return rest.length === 0 ? cursor : { stages: [{ $cursor: cursor }, ...rest] }
}

function describePlan({ scan, reverse, sorted }: Plan, { filter, sort, limit, skip }: Query): Doc {
  const filtered = filter === everything ? {} : { filter: filter.asked }
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
    const { batches, scanner } = findRecords({ view, collection, operation }, query)
    try {
      for await (const batch of batches) nReturned += batch.length
    } finally {
      operation.release()
    }
    examined = { totalKeysExamined: scanner.keysExamined, totalDocsExamined: scanner.docsExamined }
  }
  return { executionSuccess: true, nReturned, executionTimeMillis: Math.round(performance.now() - start), ...examined }
}
