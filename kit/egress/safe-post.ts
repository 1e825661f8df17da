import { type LookupAddress, lookup as lookUpName } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { TargetRefused, findAddressProblem, findTargetProblem } from './check-target.ts'
import type { NetworkRules } from './network-rules.ts'

export interface PostAnswer {
  readonly status: number
  /** As the header says it, in seconds or as a date; null when there is none. */
  readonly retryAfter: string | null
  /** The beginning of the body, as text. */
  readonly body: string
}

export interface PostRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
}

/** Posts to addresses that partners have chosen. */
export interface SafePost {
  /** Throws TargetRefused for what must not be called, and whatever the network throws. Redirects are not followed. */
  readonly post: (url: string, request: PostRequest) => Promise<PostAnswer>
  readonly close: () => Promise<void>
}

export interface SafePostOptions {
  readonly rules: NetworkRules
  readonly timeoutMs: number
  /** Resolves a name; tests stand in for a resolver that changes its mind. */
  readonly resolve?: typeof lookUpName
}

/** Of a response so much is kept, and so much is read at most so that its connection can be used again. */
const keptBytes = 1_024
const readBytes = 64 * 1_024

/**
 * A client that reaches the public Internet only, and the networks that are allowed. Each way of getting elsewhere is
 * closed at its own place: the URL before anything is done, every address that a lookup gives, and the address of the
 * peer that was really connected to. A lookup alone would not do: literal addresses skip it.
 */
export function createSafePost({ rules, timeoutMs, resolve = lookUpName }: SafePostOptions): SafePost {
  const lookupFor =
    (url: URL): LookupFunction =>
    (hostname, options, callback) => {
      resolve(hostname, { ...options, all: true }, (error, found) => {
        const addresses: LookupAddress[] = Array.isArray(found) ? found : []
        if (error) return callback(error, [])
        const problem = addresses.map(({ address }) => findAddressProblem(url, address, rules)).find(Boolean)
        // One internal address among public ones is no accident.
        if (problem) return callback(new TargetRefused(problem), [])
        const [first] = addresses
        if (options.all || first === undefined) return callback(null, addresses)
        return callback(null, first.address, first.family)
      })
    }
  const connect: buildConnector.connector = (options, callback) => {
    const url = new URL(`${options.protocol}//${options.host ?? options.hostname}`)
    const problem = findTargetProblem(url.href, rules)
    if (problem) return callback(new TargetRefused(problem), null)
    const connector = buildConnector({ timeout: Math.min(timeoutMs, 10_000), lookup: lookupFor(url) })
    return connector(options, (error, socket) => {
      if (error) return callback(error, null)
      const peer = socket.remoteAddress
      const wrongPeer = peer === undefined ? 'ADDRESS_FORBIDDEN' : findAddressProblem(url, peer, rules)
      if (wrongPeer === undefined) return callback(null, socket)
      socket.destroy()
      return callback(new TargetRefused(wrongPeer), null)
    })
  }
  const agent = new Agent({
    connect,
    // No bound on the connections of an origin: callers have one, and receivers that share a host must not wait for each other.
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: 16 * 1_024,
    keepAliveTimeout: 10_000,
  })
  return {
    async post(url, { headers, body, signal }) {
      const problem = findTargetProblem(url, rules)
      if (problem) throw new TargetRefused(problem)
      const { origin, pathname, search } = new URL(url)
      const response = await agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      const retryAfter = response.headers['retry-after']
      return {
        status: response.statusCode,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
        body: await readBeginning(response.body),
      }
    },
    close: () => agent.destroy(),
  }
}

/** The first bytes of a body as text. One that does not end soon is left unread, and its connection closed. */
async function readBeginning(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string> {
  const kept: Buffer[] = []
  let read = 0
  try {
    for await (const chunk of body) {
      if (read < keptBytes) kept.push(chunk.subarray(0, keptBytes - read))
      read += chunk.length
      if (read > readBytes) break
    }
  } catch {
    // The status has said what is to be known; a body that breaks off, or drips until the time is over, changes nothing.
  }
  if (read > readBytes) body.destroy()
  return Buffer.concat(kept).toString('utf8')
}
