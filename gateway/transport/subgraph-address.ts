/** Where a subgraph is reached. */
export interface SubgraphAddress {
  /** Scheme, host and port, for example `http://localhost:4001`. */
  readonly origin: string
  readonly path: string
  /** Set when the subgraph listens on a unix socket; `origin` then only fills the Host header. */
  readonly socketPath?: string
  /** Whether to speak HTTP/2 without TLS from the first byte; over TLS the subgraph says what it offers. */
  readonly h2c: boolean
}

/**
 * Reads the URL of a subgraph: `http://`, `https://` (HTTP/2 where offered), `h2c://host:port/path` (HTTP/2 without
 * TLS) or `unix:///run/inventory.sock`, whose GraphQL path is `/graphql` unless `?path=` says otherwise. Throws a
 * TypeError for anything else.
 */
export function subgraphAddress(text: string): SubgraphAddress {
  const url = new URL(text)
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      return { origin: url.origin, path: pathOf(url), h2c: false }
    case 'h2c:':
      return { origin: `http://${url.host}`, path: pathOf(url), h2c: true }
    case 'unix:': {
      const path = url.searchParams.get('path') ?? '/graphql'
      return { origin: 'http://localhost', path, socketPath: decodeURIComponent(url.pathname), h2c: false }
    }
    default:
      throw new TypeError(`a subgraph's URL must begin with http://, https://, h2c:// or unix://, not ${url.protocol}`)
  }
}

function pathOf({ pathname, search }: URL): string {
  return `${pathname === '' ? '/' : pathname}${search}`
}
