import { createHash } from 'node:crypto'
import { readFile, stat, watch } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { ConfigError } from '../../kit/config-error.ts'
import type { SchemaOffice } from '../../kit/schema-workshop.ts'
import type { SupergraphSource } from './follow-supergraph.ts'

/** A supergraph larger than this is refused instead of being read into memory. */
const mostBytes = 20_000_000

/**
 * A supergraph in a file, or at a URL, that others have composed. Subgraphs that come with the product are reached as the
 * settings say, all others at the URLs in it.
 */
export function createFileSource(
  where: string,
  { workshop, shipped }: Pick<SchemaOffice, 'workshop' | 'shipped'>,
  { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
): SupergraphSource {
  const isUrl = /^https?:\/\//.test(where)
  let last: { readonly name: string; readonly etag: string } | undefined
  const own = new Set(shipped.map(({ name }) => name))
  return {
    required: true,
    async next(known) {
      // Asked for by its tag only while it is served: one that was refused has to be refused again.
      const etag = last?.name === known ? last?.etag : undefined
      const found = await read(where, { isUrl, etag, timeoutMs })
      if (found === null) return null
      const { text } = found
      const name = createHash('sha256').update(text).digest('hex').slice(0, 16)
      last = found.etag === null ? undefined : { name, etag: found.etag }
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

interface Wanted {
  readonly isUrl: boolean
  /** Of the text that is known. */
  readonly etag: string | undefined
  readonly timeoutMs: number
}

/** A text and its tag, where a server gave it one. */
interface Found {
  readonly text: string
  readonly etag: string | null
}

/** Null when it is the text that is known. */
async function read(where: string, { isUrl, ...wanted }: Wanted): Promise<Found | null> {
  try {
    if (isUrl) return await download(where, wanted)
    const { size } = await stat(where)
    if (size > mostBytes) throw tooLarge()
    return { text: await readFile(where, 'utf8'), etag: null }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(`SUPERGRAPH ${where} cannot be read: ${reason}`, { cause: error })
  }
}

async function download(url: string, { etag, timeoutMs }: Omit<Wanted, 'isUrl'>): Promise<Found | null> {
  const signal = AbortSignal.timeout(timeoutMs)
  const response = await fetch(url, { signal, headers: etag === undefined ? {} : { 'if-none-match': etag } })
  if (response.status === 304) return null
  if (!response.ok) throw new Error(`it answered ${response.status}`)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > mostBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return { text: Buffer.concat(chunks).toString('utf8'), etag: response.headers.get('etag') }
}

function tooLarge(): Error {
  return new Error(`it has more than ${mostBytes} bytes`)
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolvePromise) => {
    signal.addEventListener('abort', () => resolvePromise(), { once: true })
  })
}
