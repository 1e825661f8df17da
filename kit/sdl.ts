import { readFileSync } from 'node:fs'

/**
 * The SDL of a subgraph: its own `schema.graphql` beside the given module, after the federation link and the shared
 * types that every subgraph of this repository defines alike.
 */
export function loadSdl(moduleUrl: string): string {
  return ['../../schema/directives.graphql', '../../schema/common.graphql', './schema.graphql']
    .map((file) => readFileSync(new URL(file, moduleUrl), 'utf8'))
    .join('\n')
}
