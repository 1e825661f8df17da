import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../usage-error.ts'

/** What a folder says of the subgraph in it, under `tributary` in its package.json. */
export interface SubgraphSettings {
  readonly subgraph: string
  /** The file of its SDL. */
  readonly schema: string
  /** The command that serves it, with PORT and TRIBUTARY_SUBGRAPH_KEY in its environment. */
  readonly start: string
  readonly port: number
}

const example = '{ "subgraph": "loyalty", "schema": "schema.graphql", "start": "node src/main.js", "port": 4100 }'

/** Reads the settings of a folder; what is wrong with them is told with an example. */
export async function readSettings(folder: string): Promise<SubgraphSettings> {
  const file = join(folder, 'package.json')
  const wrong = (problem: string): UsageError =>
    new UsageError(`${file} ${problem}. It says what to serve under "tributary", for example ${example}.`)
  const text = await readFile(file, 'utf8').catch(() => {
    throw wrong('cannot be read')
  })
  let settings: unknown
  try {
    settings = (JSON.parse(text) as { tributary?: unknown }).tributary
  } catch {
    throw wrong('is not JSON')
  }
  const { subgraph, schema, start, port } = (settings ?? {}) as Partial<Record<keyof SubgraphSettings, unknown>>
  if (
    typeof subgraph !== 'string' ||
    typeof schema !== 'string' ||
    typeof start !== 'string' ||
    typeof port !== 'number'
  ) {
    throw wrong('does not say it all')
  }
  return { subgraph, schema, start, port }
}
