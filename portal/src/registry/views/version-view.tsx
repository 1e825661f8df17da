import { Answered, Empty } from '../answered.tsx'
import { type CheckAnswer, checkFields, type VersionAnswer, versionFields } from '../answers.ts'
import { CheckReport } from '../check-report.tsx'
import { Moment } from '../moment.tsx'
import { PlaceLink } from '../place-link.tsx'
import { useRegistry } from '../registry-context.ts'
import { useAnswer } from '../use-answer.ts'

interface Found {
  subgraphVersion: (VersionAnswer & { sdl: string; environment: string; check: CheckAnswer }) | null
}

const query = `query PublishedVersion($id: ID!) {
  subgraphVersion(id: $id) { ${versionFields} environment sdl check { ${checkFields} } }
}`

/** A version as it was published, with what the checks said then: what a permalink shows. */
export function VersionView() {
  const { credentials, place } = useRegistry()
  const { answer, again } = useAnswer<Found>(credentials, query, { id: place.id ?? '' })
  return (
    <Answered answer={answer} again={again} loading="Reading the version…">
      {({ subgraphVersion: version }) =>
        version === null ? (
          <Empty title="There is no such version.">
            <p>
              The address may be cut off. <PlaceLink to={{ view: 'history' }}>All that was published</PlaceLink>
            </p>
          </Empty>
        ) : (
          <>
            <dl className="facts card">
              <Fact name="Subgraph">
                <PlaceLink to={{ view: 'history', subgraph: version.subgraph }}>{version.subgraph}</PlaceLink>, version{' '}
                {version.number}, {version.environment.toLowerCase()}
              </Fact>
              <Fact name="Published">
                <Moment at={version.publishedAt} /> by {version.authorApp?.name ?? version.author}
              </Fact>
              <Fact name="Why">{version.reason}</Fact>
              <Fact name="URL">
                <code>{version.url}</code>
              </Fact>
              <Fact name="Supergraph">
                {version.supergraphNumber} (
                <PlaceLink
                  to={{
                    view: 'changes',
                    from: String(version.supergraphNumber - 1),
                    to: String(version.supergraphNumber),
                  }}
                >
                  what changed
                </PlaceLink>
                )
              </Fact>
            </dl>
            <h2>What the checks said then</h2>
            <p className="quiet">
              Whom to write to is not kept with a version.{' '}
              <PlaceLink to={{ view: 'check', id: version.id }}>Check it again</PlaceLink> to be told.
            </p>
            <CheckReport check={version.check} subgraph={version.subgraph} sdl={version.sdl} />
            <details className="sdl">
              <summary>Its SDL</summary>
              <pre tabIndex={0}>{version.sdl}</pre>
            </details>
          </>
        )
      }
    </Answered>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
