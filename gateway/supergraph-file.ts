import { createHash } from 'node:crypto'
import { readFile, watch } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { ConfigError } from '../kit/config-error.ts'
import type { SchemaOffice } from '../kit/schema-workshop.ts'
import type { SupergraphSource } from './follow-supergraph.ts'

const timeoutMs = 10_000
/** A supergraph larger than this is refused instead of being read into memory. */
const mostCharacters = 20_000_000

/**
 * A supergraph in a file, or at a URL, that others have composed. Subgraphs that come with the product are reached as the
 * settings say, all others at the URLs in it.
 */
export function createFileSource(where: string, { workshop, shipped }: SchemaOffice): SupergraphSource {
  const isUrl = /^https?:\/\//.test(where)
  const own = new Set(shipped.map(({ name }) => name))
  return {
    required: true,
    async next(known) {
      const text = await read(where, isUrl)
      const name = createHash('sha256').update(text).digest('hex').slice(0, 16)
      if (name === known) return null
      const { apiSdl, subgraphs } = await workshop.load(text).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error)
        throw new ConfigError(`SUPERGRAPH ${where} is no supergraph that can be served: ${reason}`)
      })
      const published = subgraphs
        .filter((subgraph) => !own.has(subgraph.name))
        .map((subgraph) => ({ ...subgraph, sdl: null }))
      return { name, supergraphSdl: text, apiSdl, published }
    },
    async *changes(signal) {
      // A URL tells nothing: it is looked at every few seconds.
      if (isUrl) await ended(signal)
      if (signal.aborted) return
      // The folder, not the file: editors and deployments put another file in its place.
      const changes = watch(dirname(resolve(where)), { signal })
      yield
      for await (const { filename } of changes) {
        if (filename === null || filename === basename(where)) yield
      }
    },
  }
}

async function read(where: string, isUrl: boolean): Promise<string> {
  try {
    const text = isUrl ? await download(where) : await readFile(where, 'utf8')
    if (text.length > mostCharacters) throw new Error(`it has more than ${mostCharacters} characters`)
    return text
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(`SUPERGRAPH ${where} cannot be read: ${reason}`, { cause: error })
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
  if (!response.ok) throw new Error(`it answered ${response.status}`)
  return response.text()
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolvePromise) => {
    signal.addEventListener('abort', () => resolvePromise(), { once: true })
  })
}
