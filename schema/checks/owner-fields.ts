import { createConnection } from 'mongoose'
import type { RegisteredSubgraph } from '../../subgraphs/registry.ts'
import type { OwnerFields } from './untenanted.ts'

const ownerNames: ReadonlySet<string> = new Set(['organizationId', 'ownerId', 'guestId'])

/** What a subgraph's collections say of owners, read off its models; nothing is connected to. */
export async function ownerFieldsOf(subgraph: Pick<RegisteredSubgraph, 'bindModels'>): Promise<OwnerFields> {
  const connection = createConnection()
  try {
    subgraph.bindModels(connection)
    return new Map(
      Object.entries(connection.models).map(([name, { schema }]) => [
        name,
        Object.keys(schema.paths).filter((path) => ownerNames.has(path)),
      ]),
    )
  } finally {
    await connection.close()
  }
}
