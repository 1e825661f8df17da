import { graphPathOf } from '../graph/graph-path.ts'
import { ServerUnreachable } from '../graph/post-operation.ts'
import type { GraphResult } from '../graph/graph-result.ts'
import type { Credentials } from './credentials.ts'

const DEADLINE_MS = 60_000

/** Saves the graph, or a contract or version of it, as this app may call it. Throws with what the server says when it refuses. */
export async function downloadSchema({ appId, key }: Credentials, edition: string | null): Promise<void> {
  let response: Response
  try {
    response = await fetch(`${graphPathOf(edition)}/schema.graphql`, {
      headers: { 'x-tributary-app': appId, 'x-tributary-key': key },
      // The key is no cookie, so the browser would not know whose answer it has kept.
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
  } catch (cause) {
    throw new ServerUnreachable('The server did not answer. Check that it is still running.', { cause })
  }
  if (!response.ok) throw new ServerUnreachable(await refusalOf(response))
  save(await response.blob(), `${edition ?? 'schema'}.graphql`)
}

async function refusalOf(response: Response): Promise<string> {
  const type = response.headers.get('content-type') ?? ''
  if (!type.includes('json')) return `The server answered ${response.status}.`
  const { errors } = (await response.json()) as GraphResult
  return errors?.[0]?.message ?? `The server answered ${response.status}.`
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The click has begun the download; the page need not hold the text any longer.
  setTimeout(() => URL.revokeObjectURL(link.href), 0)
}
