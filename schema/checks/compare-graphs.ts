import type { GraphTexts, SchemaChange } from '../../kit/schema-workshop.ts'
import { schemaOf } from './api-schema.ts'
import { compareSchemas } from './compare-schemas.ts'
import { narrowedAccess } from './narrowed-access.ts'

/** How two graphs differ for clients, what breaks first: in what they see, and in who may see it. */
export async function compareGraphs(before: GraphTexts, after: GraphTexts): Promise<SchemaChange[]> {
  const graphs = [before, after].map(({ apiSdl, supergraphSdl }) => ({
    api: schemaOf(apiSdl),
    supergraph: schemaOf(supergraphSdl),
  }))
  const [now, then] = graphs
  if (!now || !then) throw new Error('two graphs are compared')
  return [...narrowedAccess(now, then), ...(await compareSchemas(now.api, then.api))]
}
