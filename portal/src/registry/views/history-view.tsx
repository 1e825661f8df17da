import { useState } from 'react'
import { Answered, Empty } from '../answered.tsx'
import { type PageInfoAnswer, type VersionAnswer, versionFields } from '../answers.ts'
import { DataTable } from '../data-table.tsx'
import { Moment } from '../moment.tsx'
import { Pager } from '../pager.tsx'
import { PlaceLink } from '../place-link.tsx'
import { useRegistry } from '../registry-context.ts'
import { useAnswer } from '../use-answer.ts'
import { VersionLink } from './subgraphs-view.tsx'

interface History {
  subgraphVersions: { totalCount: number; pageInfo: PageInfoAnswer; nodes: VersionAnswer[] }
}

const pageSize = 20
const query = `query History($environment: GraphEnvironment!, $subgraph: String, $after: String) {
  subgraphVersions(first: ${pageSize}, environment: $environment, subgraph: $subgraph, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } nodes { ${versionFields} }
  }
}`

const states = { CURRENT: 'current', SUPERSEDED: 'superseded', RETIREMENT: 'took it out of the graph' } as const

/** All that was published in an environment, or of one subgraph, the newest first. */
export function HistoryView() {
  const { place } = useRegistry()
  // Another list begins at its own beginning.
  return <Pages key={`${place.environment} ${place.subgraph ?? ''}`} />
}

function Pages() {
  const { credentials, place } = useRegistry()
  const [cursors, setCursors] = useState<string[]>([])
  const { environment, subgraph } = place
  const { answer, again } = useAnswer<History>(credentials, query, {
    environment,
    subgraph: subgraph ?? null,
    after: cursors.at(-1) ?? null,
  })
  return (
    <Answered answer={answer} again={again} loading="Reading what was published…">
      {({ subgraphVersions: { totalCount, pageInfo, nodes } }) =>
        totalCount === 0 ? (
          <Empty
            title={subgraph === undefined ? 'Nothing was published here yet.' : `${subgraph} was never published here.`}
          />
        ) : (
          <>
            {subgraph !== undefined && (
              <p>
                Only {subgraph}. <PlaceLink to={{ view: 'history' }}>Show all subgraphs</PlaceLink>
              </p>
            )}
            <DataTable
              caption={`${totalCount} in all, the newest first`}
              rows={nodes}
              keyOf={({ id }) => id}
              columns={[
                {
                  heading: 'Subgraph',
                  cell: ({ subgraph: name }) => <PlaceLink to={{ view: 'history', subgraph: name }}>{name}</PlaceLink>,
                },
                { heading: 'Version', cell: (version) => <VersionLink version={version} /> },
                {
                  heading: 'State',
                  cell: ({ state }) => (
                    <span className="state" data-state={state === 'CURRENT' ? 'good' : 'past'}>
                      {states[state]}
                    </span>
                  ),
                },
                { heading: 'Published', cell: ({ publishedAt }) => <Moment at={publishedAt} /> },
                { heading: 'By', cell: ({ author, authorApp }) => authorApp?.name ?? <code>{author}</code> },
                { heading: 'Why', cell: ({ reason }) => reason },
                {
                  heading: 'What changed',
                  cell: ({ supergraphNumber: to }) => (
                    <PlaceLink to={{ view: 'changes', from: String(to - 1), to: String(to) }}>
                      supergraph {to - 1} to {to}
                    </PlaceLink>
                  ),
                },
              ]}
            />
            <Pager
              name="Versions"
              newer={cursors.length > 0 ? () => setCursors(cursors.slice(0, -1)) : null}
              older={
                pageInfo.hasNextPage && pageInfo.endCursor !== null
                  ? () => setCursors([...cursors, pageInfo.endCursor ?? ''])
                  : null
              }
            />
          </>
        )
      }
    </Answered>
  )
}
