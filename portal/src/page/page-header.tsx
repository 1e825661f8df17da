import { wholeGraphPath } from '../graph/graph-path.ts'

export interface PageHeaderProps {
  version: string | null
  page: 'explorer' | 'registry'
  /** Where what is explored answers. */
  path?: string
}

/** The page's name, the server's version, and the ways from here: to the other pages, and into the graph from the explorer. */
export function PageHeader({ version, page, path = wholeGraphPath }: PageHeaderProps) {
  return (
    <header className="page-header">
      <p className="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" />
          <path d="M8 6c0 8 8 7 8 14M24 6c0 8-8 7-8 14M16 6v20" />
        </svg>
        Tributary
      </p>
      {version && <p className="quiet">Version {version}</p>}
      <nav className="ways-in" aria-label="Pages">
        {page === 'registry' ? <a href="/">Explorer</a> : <a href="/registry/">Schema registry</a>}
        <a href="/oauth/apply">Become a partner</a>
        <a href="/oauth/account">Your account</a>
      </nav>
      {page === 'explorer' && <Endpoints path={path} />}
    </header>
  )
}

function Endpoints({ path }: { path: string }) {
  const { href } = new URL(path, location.href)
  return (
    <dl className="endpoints">
      <div>
        <dt>HTTP</dt>
        <dd>
          <code>{href}</code>
        </dd>
      </div>
      <div>
        <dt>WebSocket</dt>
        <dd>
          <code>{href.replace(/^http/, 'ws')}</code>
        </dd>
      </div>
    </dl>
  )
}
