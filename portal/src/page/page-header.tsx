/** The page's name, the server's version, and the ways into it. */
export function PageHeader({ version }: { version: string | null }) {
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
      <nav className="ways-in" aria-label="Account">
        <a href="/oauth/apply">Become a partner</a>
        <a href="/oauth/account">Your account</a>
      </nav>
      <dl className="endpoints">
        <div>
          <dt>HTTP</dt>
          <dd>
            <code>{new URL('/graphql', location.href).href}</code>
          </dd>
        </div>
        <div>
          <dt>WebSocket</dt>
          <dd>
            <code>{new URL('/graphql', location.href).href.replace(/^http/, 'ws')}</code>
          </dd>
        </div>
      </dl>
    </header>
  )
}
