import { Answered, Empty } from '../answered.tsx'
import { type ChangeAnswer, changeFields } from '../answers.ts'
import { ChangeTables } from '../change-tables.tsx'
import { useRegistry } from '../registry-context.ts'
import { useAnswer } from '../use-answer.ts'

interface Numbers {
  supergraph: { number: number } | null
}

const newest = `query NewestSupergraph($environment: GraphEnvironment!) {
  supergraph(environment: $environment) { number }
}`

/** How the graph that clients see differs between two supergraphs of an environment. */
export function ChangesView() {
  const { credentials, place } = useRegistry()
  const { answer, again } = useAnswer<Numbers>(credentials, newest, { environment: place.environment })
  return (
    <Answered answer={answer} again={again} loading="Reading the supergraphs…">
      {({ supergraph }) =>
        supergraph === null ? (
          <Empty title="There is no supergraph yet.">
            <p>The first one is made when a subgraph is published.</p>
          </Empty>
        ) : (
          <Between newestNumber={supergraph.number} />
        )
      }
    </Answered>
  )
}

const differences = `query SupergraphChanges($environment: GraphEnvironment!, $from: Int!, $to: Int!) {
  supergraphChanges(environment: $environment, from: $from, to: $to) { ${changeFields} }
}`
/** More than these are asked for by number, in the address. */
const mostOffered = 200

function Between({ newestNumber }: { newestNumber: number }) {
  const { credentials, place, go } = useRegistry()
  const to = numberOf(place.to) ?? newestNumber
  const from = numberOf(place.from) ?? Math.max(0, to - 1)
  const variables = { environment: place.environment, from, to }
  const { answer, again } = useAnswer<{ supergraphChanges: ChangeAnswer[] }>(credentials, differences, variables)
  const offered = [...Array(newestNumber + 1).keys()].toReversed()
  const numbers = offered.filter(
    (number, index) => index < mostOffered || number === 0 || number === from || number === to,
  )
  const choose = (next: { from?: string; to?: string }): void =>
    go({ ...place, view: 'changes', from: String(from), to: String(to), ...next })
  const choice = (label: string, name: 'from' | 'to', value: number) => (
    <label>
      {label}
      <select value={value} onChange={(event) => choose({ [name]: event.target.value })}>
        {numbers.map((number) => (
          <option key={number} value={number}>
            {number === 0 ? '0, the product alone' : number === newestNumber ? `${number}, the newest` : number}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <>
      <div className="choices">
        {choice('From supergraph', 'from', from)}
        {choice('to supergraph', 'to', to)}
      </div>
      <Answered answer={answer} again={again} loading="Comparing…">
        {({ supergraphChanges }) => <ChangeTables changes={supergraphChanges} judgedBy={null} />}
      </Answered>
    </>
  )
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null
}
