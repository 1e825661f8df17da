import { Answered, Empty } from '../answered.tsx'
import { type GatewayAnswer, gatewayFields, type VersionAnswer, versionFields } from '../answers.ts'
import { DataTable } from '../data-table.tsx'
import { Moment } from '../moment.tsx'
import { PlaceLink } from '../place-link.tsx'
import { useRegistry } from '../registry-context.ts'
import { useAnswer } from '../use-answer.ts'

interface Overview {
  publishedSubgraphs: VersionAnswer[]
  gateways: GatewayAnswer[] | null
}

const query = `query PublishedSubgraphs($environment: GraphEnvironment!) {
  publishedSubgraphs(environment: $environment) { ${versionFields} }
  gateways(environment: $environment) { ${gatewayFields} }
}`

/** What is part of an environment's graph now, beside the subgraphs that come with the product. */
export function SubgraphsView() {
  const { credentials, place } = useRegistry()
  const { answer, again } = useAnswer<Overview>(credentials, query, { environment: place.environment })
  return (
    <Answered answer={answer} again={again} loading="Reading what is published…">
      {({ publishedSubgraphs, gateways }) =>
        publishedSubgraphs.length === 0 ? (
          <Empty title="Nothing is published here.">
            <p>The subgraphs that come with the product serve by themselves, and are not listed.</p>
            <p>
              <PlaceLink to={{ view: 'check' }}>Check a subgraph</PlaceLink>, or make one:{' '}
              <code>tributary subgraph new loyalty</code>
            </p>
          </Empty>
        ) : (
          <DataTable
            caption={`${publishedSubgraphs.length} in the ${place.environment.toLowerCase()} graph, beside those that come with the product`}
            rows={publishedSubgraphs}
            keyOf={({ id }) => id}
            columns={[
              {
                heading: 'Subgraph',
                cell: (version) => (
                  <>
                    <PlaceLink to={{ view: 'history', subgraph: version.subgraph }}>{version.subgraph}</PlaceLink>
                    {version.replacesShipped && <p className="quiet">in the place of the product’s own</p>}
                  </>
                ),
              },
              { heading: 'Version', cell: (version) => <VersionLink version={version} /> },
              { heading: 'Health', cell: ({ subgraph }) => <Health subgraph={subgraph} gateways={gateways ?? []} /> },
              { heading: 'Published', cell: ({ publishedAt }) => <Moment at={publishedAt} /> },
              { heading: 'By', cell: ({ author, authorApp }) => authorApp?.name ?? <code>{author}</code> },
              { heading: 'Why', cell: ({ reason }) => reason },
              { heading: 'URL', cell: ({ url }) => <code className="address">{url}</code> },
            ]}
          />
        )
      }
    </Answered>
  )
}

/** The permalink of a version. */
export function VersionLink({ version: { id, number } }: { version: VersionAnswer }) {
  return <PlaceLink to={{ view: 'version', id }}>version {number}</PlaceLink>
}

/** How the gateways find a subgraph: one line when all is well, else what is wrong and where. */
function Health({ subgraph, gateways }: { subgraph: string; gateways: GatewayAnswer[] }) {
  const found = gateways.flatMap(({ host, subgraphs }) =>
    subgraphs.filter(({ name }) => name === subgraph).map((health) => ({ host, health })),
  )
  const wrong = found.filter(({ health }) => health.status !== 'OK')
  if (found.length === 0) return <span className="quiet">no gateway has told yet</span>
  if (wrong.length === 0) {
    return (
      <span className="state" data-state="good">
        ok at {found.length === 1 ? 'its gateway' : `all ${found.length} gateways`}
      </span>
    )
  }
  return (
    <ul className="plain">
      {wrong.map(({ host, health }) => (
        <li key={host}>
          <span className="state" data-state="bad">
            {health.status.toLowerCase()}
          </span>{' '}
          at {host}
          {health.failure && <p className="quiet">{health.failure}</p>}
        </li>
      ))}
    </ul>
  )
}
