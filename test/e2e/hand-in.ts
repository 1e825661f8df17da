import { createHash, createHmac, randomBytes } from 'node:crypto'

/** What a subgraph is answered that hands events in. */
export interface HandInAnswer {
  readonly status: number
  readonly body: {
    readonly recorded?: number
    readonly repeated?: number
    readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[]
  }
}

/** Hands events in as another team's service would, signed with its key. */
export async function handIn(
  url: string,
  { subgraph, key, events }: { readonly subgraph: string; readonly key: string; readonly events: unknown },
): Promise<HandInAnswer> {
  const body = JSON.stringify({ events })
  const response = await fetch(`${url}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signHandIn(subgraph, key, body) },
    body,
  })
  return { status: response.status, body: (await response.json()) as HandInAnswer['body'] }
}

/** The headers by which a subgraph signs. */
export function signHandIn(subgraph: string, key: string, body: string, now = Date.now()): Record<string, string> {
  const nonce = `${randomBytes(9).toString('base64url')}.1`
  const hash = createHash('sha256').update(body).digest('base64url')
  const signed = [String(now), nonce, 'POST', '/events', hash, subgraph].join('\n')
  return {
    'x-tributary-subgraph': subgraph,
    'x-tributary-time': String(now),
    'x-tributary-nonce': nonce,
    'x-tributary-signature': createHmac('sha256', Buffer.from(key, 'base64url')).update(signed).digest('base64url'),
  }
}
