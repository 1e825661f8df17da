import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { Credentials } from '../caller/credentials.ts'
import { KeyForm } from '../caller/key-form.tsx'
import { useCaller } from '../caller/use-caller.ts'
import { usePortalSession } from '../caller/use-portal-session.ts'
import { Notice } from '../page/notice.tsx'
import { PageFooter } from '../page/page-footer.tsx'
import { PageHeader } from '../page/page-header.tsx'
import { PlaceLink } from './place-link.tsx'
import { RegistryContext } from './registry-context.ts'
import { environments, usePlace, type View } from './use-place.ts'
import { ChangesView } from './views/changes-view.tsx'
import { CheckView } from './views/check-view.tsx'
import { DeprecationsView } from './views/deprecations-view.tsx'
import { GatewaysView } from './views/gateways-view.tsx'
import { HistoryView } from './views/history-view.tsx'
import { SubgraphsView } from './views/subgraphs-view.tsx'
import { VersionView } from './views/version-view.tsx'

const titles: Record<View, string> = {
  subgraphs: 'Published subgraphs',
  check: 'Check a subgraph',
  history: 'What was published',
  version: 'A published version',
  changes: 'What changed',
  deprecations: 'What goes away',
  gateways: 'Gateways',
}

const bodies: Record<View, () => ReactNode> = {
  subgraphs: () => <SubgraphsView />,
  check: () => <CheckView />,
  history: () => <HistoryView />,
  version: () => <VersionView />,
  changes: () => <ChangesView />,
  deprecations: () => <DeprecationsView />,
  gateways: () => <GatewaysView />,
}

const tabs = [
  ['subgraphs', 'Subgraphs'],
  ['check', 'Check'],
  ['history', 'History'],
  ['changes', 'Changes'],
  ['deprecations', 'Going away'],
  ['gateways', 'Gateways'],
] as const

/** The registry for the platform company's own teams: what is published, what changed, and a check before publishing. */
export function RegistryApp() {
  const { session, retry } = usePortalSession()
  const { caller, demo, acceptCredentials, forget } = useCaller(session)
  const { place, go } = usePlace()
  const [choosing, setChoosing] = useState(false)
  const credentials = caller?.credentials ?? null
  const registry = useMemo(
    () => credentials && { credentials, place, go, changeKey: () => setChoosing(true) },
    [credentials, place, go],
  )

  function changeCaller(next: Credentials | null): void {
    setChoosing(false)
    if (next) acceptCredentials(next)
    else forget()
  }

  const ready = session.state === 'ready'
  return (
    <>
      <a className="skip-link" href="#registry">
        Skip to the registry
      </a>
      <PageHeader version={ready ? session.value.version : null} page="registry" />
      <main id="registry" className="registry" tabIndex={-1}>
        {session.state === 'loading' && <p className="quiet waiting">Asking the server who you are…</p>}
        {session.state === 'unreachable' && (
          <Notice tone="error" title="The server does not answer" action={{ label: 'Try again', run: retry }}>
            <p>This page is here, but the graph behind it is not. Start it with npm start, then try again.</p>
          </Notice>
        )}
        {ready && (!registry || choosing) && (
          <section className="card key-card" aria-label="Caller">
            <KeyForm
              opens="the registry"
              rejected={null}
              onAccepted={changeCaller}
              onCancel={demo ? () => changeCaller(null) : null}
            />
          </section>
        )}
        {registry && !choosing && (
          <RegistryContext value={registry}>
            <div className="registry-bar">
              <nav aria-label="Registry">
                {tabs.map(([view, label]) => (
                  <PlaceLink key={view} to={{ view }} current={view === place.view}>
                    {label}
                  </PlaceLink>
                ))}
              </nav>
              <nav aria-label="Environment">
                {environments.map((environment) => (
                  <PlaceLink
                    key={environment}
                    to={{ view: place.view === 'version' ? 'subgraphs' : place.view, environment }}
                    current={environment === place.environment}
                  >
                    {environment === 'LIVE' ? 'Live' : 'Sandbox'}
                  </PlaceLink>
                ))}
              </nav>
              <p className="quiet caller-line">
                As <code>{registry.credentials.appId}</code>{' '}
                <button type="button" className="link-button" onClick={() => setChoosing(true)}>
                  Use another key
                </button>
              </p>
            </div>
            <Titled view={place.view}>{bodies[place.view]()}</Titled>
          </RegistryContext>
        )}
      </main>
      <PageFooter />
    </>
  )
}

/** A view under its title, which takes the focus when somebody goes there, so that a screen reader says where one is. */
function Titled({ view, children }: { view: View; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  const before = useRef(view)
  useEffect(() => {
    document.title = `${titles[view]} · Tributary`
    if (before.current !== view) heading.current?.focus()
    before.current = view
  }, [view])
  return (
    <section aria-labelledby="view-title">
      <h1 id="view-title" ref={heading} tabIndex={-1}>
        {titles[view]}
      </h1>
      {children}
    </section>
  )
}
