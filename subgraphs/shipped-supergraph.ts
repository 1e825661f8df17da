import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
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
  const shipped = readShipped()
  return shipped?.startsWith(`${fingerprintLine(services)}\n`) ? shipped : composeSupergraph(services).supergraphSdl
}

function readShipped(): string | undefined {
  try {
    return readFileSync(new URL('../schema/supergraph.graphql', import.meta.url), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
