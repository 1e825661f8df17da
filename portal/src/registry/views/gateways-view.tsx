import { Answered, Empty } from '../answered.tsx'
import { type GatewayAnswer, gatewayFields, type GatewaySubgraphAnswer } from '../answers.ts'
import { DataTable } from '../data-table.tsx'
import { Moment } from '../moment.tsx'
import { useRegistry } from '../registry-context.ts'
import { useAnswer } from '../use-answer.ts'

const query = `query Gateways($environment: GraphEnvironment!) {
  supergraph(environment: $environment) { number }
  gateways(environment: $environment) { ${gatewayFields} }
}`

interface Gateways {
  supergraph: { number: number } | null
  gateways: GatewayAnswer[]
}

/** Which supergraph each gateway serves and has refused, and how it finds its subgraphs. */
export function GatewaysView() {
  const { credentials, place } = useRegistry()
  const { answer, again } = useAnswer<Gateways>(credentials, query, { environment: place.environment })
  return (
    <Answered answer={answer} again={again} loading="Asking what gateways serve…">
      {({ supergraph, gateways }) =>
        gateways.length === 0 ? (
          <Empty title="No gateway of this environment has been heard of in the last five minutes.">
            <p>
              <code>GRAPH_ENVIRONMENT</code> says which environment a gateway serves.
            </p>
          </Empty>
        ) : (
          <>
            <button type="button" className="button" onClick={again}>
              Look again
            </button>
            {gateways.map((gateway) => (
              <GatewayCard key={gateway.id} gateway={gateway} newest={supergraph && String(supergraph.number)} />
            ))}
          </>
        )
      }
    </Answered>
  )
}

function GatewayCard({ gateway, newest }: { gateway: GatewayAnswer; newest: string | null }) {
  const { host, productVersion, startedAt, seenAt, supergraph, refusedSupergraph, subgraphs } = gateway
  return (
    <section className="card gateway" aria-label={`Gateway ${host}`}>
      <div className="card-head">
        <h2>{host}</h2>
        <span className="state" data-state={refusedSupergraph ? 'bad' : supergraph === newest ? 'good' : 'low'}>
          {supergraph === null ? 'serves the product alone' : `serves supergraph ${supergraph}`}
          {supergraph === newest ? '' : ', not the newest'}
        </span>
      </div>
      {refusedSupergraph && (
        <div className="notice" data-tone="error">
          <strong>It has refused supergraph {refusedSupergraph.name}</strong>
          <p>{refusedSupergraph.reason}</p>
        </div>
      )}
      <p className="quiet">
        Version {productVersion}, started <Moment at={startedAt} />, heard of last <Moment at={seenAt} />
      </p>
      <DataTable
        caption={`${subgraphs.length} subgraphs, calls of the last five minutes`}
        rows={subgraphs}
        keyOf={({ name }) => name}
        columns={[
          { heading: 'Subgraph', cell: ({ name }) => name },
          {
            heading: 'Health',
            cell: (subgraph) => (
              <>
                <span className="state" data-state={subgraph.status === 'OK' ? 'good' : 'bad'}>
                  {subgraph.status.toLowerCase()}
                </span>
                {subgraph.failure !== null && <p className="quiet">{subgraph.failure}</p>}
              </>
            ),
          },
          { heading: 'Version', cell: ({ version }) => version ?? '' },
          { heading: 'Calls', cell: (subgraph) => callsOf(subgraph) },
          {
            heading: '95 of 100 within',
            cell: ({ p95 }) => (p95 === null ? '' : `${p95 < 10 ? p95 : Math.round(p95)} ms`),
          },
        ]}
      />
    </section>
  )
}

function callsOf({ calls, failedCalls }: GatewaySubgraphAnswer): string {
  return failedCalls === 0 ? String(calls) : `${calls}, ${failedCalls} failed`
}
