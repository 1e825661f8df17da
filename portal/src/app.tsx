import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { CallerCard } from './caller/caller-card.tsx'
import type { Credentials } from './caller/credentials.ts'
import { KeyForm } from './caller/key-form.tsx'
import type { OpenEdition, SampleOperation } from './caller/portal-session.ts'
import { useCaller } from './caller/use-caller.ts'
import { usePortalSession } from './caller/use-portal-session.ts'
import { RunBar } from './cost/run-bar.tsx'
import type { RunReport } from './cost/run-report.ts'
import { useBucket } from './cost/use-bucket.ts'
import { EditionCard } from './edition/edition-card.tsx'
import { useEdition } from './edition/use-edition.ts'
import { ExplorerFrame, ExplorerPlaceholder } from './explorer/explorer-frame.tsx'
import { graphPathOf } from './graph/graph-path.ts'
import { Introduction } from './page/introduction.tsx'
import { Notice } from './page/notice.tsx'
import { PageFooter } from './page/page-footer.tsx'
import { PageHeader } from './page/page-header.tsx'

const loadExplorer = () => import('./explorer/explorer.tsx')
const Explorer = lazy(loadExplorer)

/** The page: what the graph is, who is calling, and the explorer with what each run cost. */
export function App() {
  const { session, retry } = usePortalSession()
  const ready = session.state === 'ready' ? session.value : null
  const { edition, unknown, choose } = useEdition(ready?.editions ?? noEditions)
  const path = graphPathOf(edition?.name ?? null)
  const { caller, demo, acceptCredentials, forget } = useCaller(session)
  const { bucket, read, rejected } = useBucket(caller?.credentials ?? null)
  const [report, setReport] = useState<RunReport>({ state: 'idle' })
  const [choosing, setChoosing] = useState(false)

  // After the first paint, not on demand: by the time that the session has answered, the editor is mostly there.
  useEffect(() => {
    // A failed download is told by the frame, when React asks for the module again.
    loadExplorer().catch(() => {})
  }, [])

  // What was run last was run elsewhere: also when the browser has gone back.
  useEffect(() => setReport({ state: 'idle' }), [path])

  const onReport = useCallback(
    (next: RunReport) => {
      setReport(next)
      if ('cost' in next && next.cost) read(next.cost.throttleStatus)
    },
    [read],
  )

  function changeCaller(credentials: Credentials | null): void {
    setReport({ state: 'idle' })
    setChoosing(false)
    if (credentials) acceptCredentials(credentials)
    else forget()
  }

  const open = ready !== null && caller !== null && rejected === null
  return (
    <>
      <a className="skip-link" href="#explorer">
        Skip to the explorer
      </a>
      <PageHeader version={ready?.version ?? null} page="explorer" path={path} />
      <main>
        <div className="first-screen">
          <Introduction />
          <section className="card" aria-label="Caller" aria-live="polite">
            {session.state === 'loading' && <p className="quiet">Asking the server who you are…</p>}
            {session.state === 'unreachable' && (
              <Notice tone="error" title="The server does not answer" action={{ label: 'Try again', run: retry }}>
                <p>This page is here, but the graph behind it is not. Start it with npm start, then try again.</p>
              </Notice>
            )}
            {open && !choosing && (
              <CallerCard
                caller={caller}
                bucket={bucket}
                edition={edition?.name ?? null}
                onChangeKey={() => setChoosing(true)}
                onForget={() => changeCaller(null)}
              />
            )}
            {ready && (!open || choosing) && (
              <KeyForm
                key={rejected}
                rejected={rejected}
                onAccepted={changeCaller}
                onCancel={demo ? () => changeCaller(null) : null}
              />
            )}
            {ready && (ready.editions.length > 0 || unknown !== null) && (
              <EditionCard editions={ready.editions} edition={edition} unknown={unknown} onChoose={choose} />
            )}
          </section>
        </div>
        <section id="explorer" className="explorer" aria-labelledby="explorer-title" tabIndex={-1}>
          <RunBar report={report} bucket={bucket} hint={runHint(open ? ready.samples : [], edition)} />
          {open ? (
            <ExplorerFrame>
              <Suspense fallback={<ExplorerPlaceholder>Loading the explorer…</ExplorerPlaceholder>}>
                <Explorer
                  // What a caller may not see must not be offered from the schema of the one before.
                  key={`${caller.credentials.appId} ${caller.credentials.key} ${path}`}
                  credentials={caller.credentials}
                  path={path}
                  samples={ready.samples}
                  onReport={onReport}
                />
              </Suspense>
            </ExplorerFrame>
          ) : (
            <ExplorerPlaceholder closed={session.state !== 'loading'}>
              {session.state === 'unreachable' && 'The explorer opens when the server answers.'}
              {session.state === 'ready' && 'The explorer opens with an app id and a key.'}
            </ExplorerPlaceholder>
          )}
        </section>
      </main>
      <PageFooter />
    </>
  )
}

const noEditions: OpenEdition[] = []
const listing = new Intl.ListFormat('en')

function runHint(samples: SampleOperation[], edition: OpenEdition | null): string {
  if (samples.length === 0) return 'Every run is told here with its cost.'
  const tabs = `Open as tabs: ${listing.format(samples.map(({ name }) => name))}.`
  return edition
    ? `${tabs} They are of the whole graph; what ${edition.name} does not have is underlined.`
    : `${tabs} Run one to see what it costs.`
}
