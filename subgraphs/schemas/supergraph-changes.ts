import { CodedError } from '../../kit/errors.ts'
import type { GraphTexts } from '../../kit/schema-workshop.ts'
import type { SchemasContext } from './schemas-context.ts'
import type { GraphEnvironment } from './subgraph-versions.ts'

const mostChanges = 250

/** How two supergraphs of an environment differ for clients; nobody's usage is looked at. */
export async function supergraphChanges(
  { models }: SchemasContext,
  {
    environment,
    from,
    to,
  }: { readonly environment: GraphEnvironment; readonly from: number; readonly to?: number | null },
) {
  const shipped = async (): Promise<GraphTexts> => {
    const { shippedSupergraph, shippedApi } = models.office()
    return { supergraphSdl: shippedSupergraph(), apiSdl: await shippedApi() }
  }
  const textsOf = async (number: number | null): Promise<GraphTexts> => {
    if (number === 0) return shipped()
    const found = await (number === null
      ? models.supergraphs.current(environment)
      : models.supergraphs.byNumber(environment, number))
    if (found) return { supergraphSdl: found.sdl, apiSdl: found.apiSdl }
    if (number === null) return shipped()
    throw new CodedError('BAD_USER_INPUT', `${environment} has no supergraph ${number}.`, { argument: 'from' })
  }
  const [before, after] = [await textsOf(from), await textsOf(to ?? null)]
  const changes = await models.office().workshop.compare(before, after)
  return changes.slice(0, mostChanges).map((change) => ({ ...change, accepted: false, users: [] }))
}
