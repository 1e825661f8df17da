import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { CallerCard } from './caller/caller-card.tsx'
import { KeyForm } from './caller/key-form.tsx'
import { useCaller } from './caller/use-caller.ts'
import { usePortalSession } from './caller/use-portal-session.ts'
import { RunBar } from './cost/run-bar.tsx'
import type { RunReport } from './cost/run-report.ts'
import { useBucket } from './cost/use-bucket.ts'
import { ExplorerFrame, ExplorerPlaceholder } from './explorer/explorer-frame.tsx'
import { Introduction } from './page/introduction.tsx'
import { Notice } from './page/notice.tsx'
import { PageHeader } from './page/page-header.tsx'

const loadExplorer = () => import('./explorer/explorer.tsx')
const Explorer = lazy(loadExplorer)

/** The page: what the graph is, who is calling, and the explorer with what each run cost. */
export function App() {
  const { session, retry } = usePortalSession()
  const { caller, acceptCredentials, forget } = useCaller(session)
  const { bucket, read, rejected } = useBucket(caller?.credentials ?? null)
  const [report, setReport] = useState<RunReport>({ state: 'idle' })

  // After the first paint, not on demand: by the time that the session has answered, the editor is mostly there.
  useEffect(() => {
    // A failed download is told by the frame, when React asks for the module again.
    loadExplorer().catch(() => {})
  }, [])

  const onReport = useCallback(
    (next: RunReport) => {
      setReport(next)
      if ('cost' in next && next.cost) read(next.cost.throttleStatus)
    },
    [read],
  )

  const ready = session.state === 'ready' ? session.value : null
  return (
    <>
      <a className="skip-link" href="#explorer">
        Skip to the explorer
      </a>
      <PageHeader version={ready?.version ?? null} />
      <main>
        <div className="first-screen">
          <Introduction />
          <section className="card" aria-labelledby="caller-title">
            {session.state === 'loading' && <p className="quiet">Asking the server who you are…</p>}
            {session.state === 'unreachable' && (
              <Notice tone="error" title="The server does not answer" action={{ label: 'Try again', run: retry }}>
                <p>This page is here, but the graph behind it is not. Start it with npm start, then try again.</p>
              </Notice>
            )}
            {ready && caller && !rejected && <CallerCard caller={caller} bucket={bucket} onForget={forget} />}
            {ready && (!caller || rejected) && <KeyForm rejected={rejected} onAccepted={acceptCredentials} />}
          </section>
        </div>
        <section id="explorer" className="explorer" aria-labelledby="explorer-title" tabIndex={-1}>
          <RunBar report={report} bucket={bucket} />
          {ready && caller && !rejected ? (
            <ExplorerFrame>
              <Suspense fallback={<ExplorerPlaceholder>Loading the explorer…</ExplorerPlaceholder>}>
                <Explorer credentials={caller.credentials} samples={ready.samples} onReport={onReport} />
              </Suspense>
            </ExplorerFrame>
          ) : (
            <ExplorerPlaceholder>
              {session.state === 'unreachable'
                ? 'The explorer opens when the server answers.'
                : ready && 'The explorer opens with an app id and a key.'}
            </ExplorerPlaceholder>
          )}
        </section>
      </main>
      <footer className="page-footer">
        <p>This page loads nothing from other hosts. A key typed here is kept until the browser tab closes.</p>
      </footer>
    </>
  )
}
