import { readFileSync, readdirSync } from 'node:fs'

/**
 * The SDL of a subgraph: every `.graphql` file in the folder of the given module and in its feature folders, after the
 * federation link and the shared types that every subgraph of this repository defines alike.
 */
export function loadSdl(moduleUrl: string): string {
  const own = readdirSync(new URL('.', moduleUrl), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.graphql'))
    .toSorted()
  return ['../../schema/directives.graphql', '../../schema/common.graphql', ...own]
    .map((file) => readFileSync(new URL(file, moduleUrl), 'utf8'))
    .join('\n')
}
