import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Contracts, isWhole } from '../kit/contracts.ts'
import { type ComposedService, composeSupergraph } from './compose.ts'

const marker = '# Composed of subgraphs with the fingerprint '

/** The first line of the committed supergraph: tells of which subgraphs it was composed. URLs do not count. */
export function fingerprintLine(services: readonly Omit<ComposedService, 'url'>[]): string {
  const hash = createHash('sha256')
  for (const { name, sdl } of services) hash.update(JSON.stringify([name, sdl]))
  return `${marker}${hash.digest('hex')}`
}

/**
 * The supergraph of these subgraphs: the committed one where it is theirs, which spares a start the composition, else
 * composed anew. The routing URLs in it are not used: the gateway has a transport for each subgraph.
 */
export function supergraphOf(services: readonly ComposedService[]): string {
  const shipped = readShipped('supergraph.graphql')
  return shipped?.startsWith(`${fingerprintLine(services)}\n`) ? shipped : composeSupergraph(services).supergraphSdl
}

/** What clients see of these subgraphs as it was committed; undefined where that is of others. */
export function shippedApiOf(services: readonly ComposedService[]): string | undefined {
  const supergraph = readShipped('supergraph.graphql')
  return supergraph?.startsWith(`${fingerprintLine(services)}\n`) ? readShipped('api.graphql') : undefined
}

/** The supergraph of these subgraphs and the schemas of its contracts and versions, as they were committed; else null. */
export function shippedEditionsOf(
  services: readonly ComposedService[],
  { contracts, versions }: Contracts,
): { readonly supergraphSdl: string; readonly sdls: ReadonlyMap<string, string> } | null {
  const supergraphSdl = readShipped('supergraph.graphql')
  if (!supergraphSdl?.startsWith(`${fingerprintLine(services)}\n`)) return null
  const sdls = new Map(versions.map(({ version, sdl }) => [version, sdl]))
  for (const rule of contracts) {
    const sdl = readShipped(isWhole(rule) ? 'api.graphql' : `contracts/${rule.name}.graphql`)
    if (sdl === undefined) return null
    sdls.set(rule.name, sdl)
  }
  return { supergraphSdl, sdls }
}

function readShipped(file: string): string | undefined {
  try {
    return readFileSync(new URL(`../schema/${file}`, import.meta.url), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
