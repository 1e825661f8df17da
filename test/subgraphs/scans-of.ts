import type { Connection, mongo } from 'mongoose'

type Doc = Readonly<Record<string, unknown>>

interface Read {
  readonly collection: string
  readonly filter: Doc
  readonly sort: Readonly<Record<string, 1 | -1>>
  /** The index that the command names itself. */
  readonly hint: Readonly<Record<string, 1 | -1>> | undefined
}

interface Stage {
  readonly stage: string
  /** Told by the embedded database alone: how many fields of the index the filter bounds. */
  readonly boundFields?: number
  readonly inputStage?: Stage
  readonly inputStages?: readonly Stage[]
}

/**
 * The reads of `work`, those within writes included, for which the database has no index: it would look at the whole
 * collection, or sort more than a page of it. Each as `find partner_apps {"name":"x"}: COLLSCAN`.
 * `connection` must have been made with `monitorCommands`.
 */
export async function scansOf(connection: Connection, work: () => Promise<unknown>): Promise<string[]> {
  const commands: Doc[] = []
  const note = ({ command }: mongo.CommandStartedEvent): void => void commands.push(command)
  const client = connection.getClient()
  client.on('commandStarted', note)
  try {
    await work()
  } finally {
    client.off('commandStarted', note)
  }
  const problems = new Set<string>()
  for (const read of commands.flatMap(readsOf)) {
    const problem = await problemOf(connection, read)
    if (problem !== undefined)
      problems.add(`${read.collection} ${JSON.stringify([read.filter, read.sort])}: ${problem}`)
  }
  return [...problems]
}

/** What a command reads, in the form of a find. */
function readsOf(command: Doc): Read[] {
  const [name] = Object.keys(command)
  const collection = String(command[name ?? ''])
  const read = (filter: unknown, sort: unknown = {}): Read => ({
    collection,
    filter: (filter ?? {}) as Doc,
    sort: sortOf(sort),
    hint: command['hint'] as Read['hint'],
  })
  switch (name) {
    case 'find':
      return [read(command['filter'], command['sort'])]
    case 'findAndModify':
      return [read(command['query'], command['sort'])]
    case 'distinct':
      return [read(command['query'])]
    case 'count':
      // Without a condition the database knows the number.
      return command['query'] === undefined ? [] : [read(command['query'])]
    case 'update':
      return (command['updates'] as readonly Doc[]).map(({ q }) => read(q))
    case 'delete':
      return (command['deletes'] as readonly Doc[]).map(({ q }) => read(q))
    case 'aggregate': {
      const [first, second] = command['pipeline'] as readonly Doc[]
      // A change stream is fed by the log of the server and reads no collection.
      if (first !== undefined && '$changeStream' in first) return []
      return [read(first?.['$match'], second?.['$sort'])]
    }
    default:
      return []
  }
}

/** The driver holds a sort as a map. */
function sortOf(sort: unknown): Read['sort'] {
  return (sort instanceof Map ? Object.fromEntries(sort) : (sort ?? {})) as Read['sort']
}

async function problemOf(
  connection: Connection,
  { collection, filter, sort, hint }: Read,
): Promise<string | undefined> {
  const explained = await connection
    .collection(collection)
    .find(filter, { sort, ...(hint && { hint }) })
    .explain('queryPlanner')
  const { winningPlan } = (explained as unknown as { queryPlanner: { winningPlan: Stage } }).queryPlanner
  const stages = stagesOf(winningPlan)
  if (stages.some(({ stage }) => stage === 'COLLSCAN')) return 'COLLSCAN'
  const scan = stages.find(({ stage }) => stage === 'IXSCAN')
  // A filter that bounds nothing of the index walks all of it.
  const owned = Object.keys(filter).some((key) => key !== '$and' && key !== '$or')
  if (owned && scan?.boundFields === 0) return 'IXSCAN of a whole index'
  return undefined
}

function stagesOf(stage: Stage): Stage[] {
  return [stage, ...[stage.inputStage, ...(stage.inputStages ?? [])].flatMap((inner) => (inner ? stagesOf(inner) : []))]
}
