import { AffectedDocuments } from './affected-documents.tsx'
import type { CheckAnswer, ProblemAnswer, Severity } from './answers.ts'
import { ChangeTables } from './change-tables.tsx'
import { DataTable } from './data-table.tsx'

export interface CheckReportProps {
  check: CheckAnswer
  /** The subgraph whose text was checked, and that text. */
  subgraph: string
  sdl: string
}

const severities: readonly { severity: Severity; state: string; caption: (count: number) => string; means: string }[] =
  [
    {
      severity: 'ERROR',
      state: 'bad',
      caption: (count) => (count === 1 ? '1 error' : `${count} errors`),
      means: 'to mend before it can be published',
    },
    {
      severity: 'WARNING',
      state: 'low',
      caption: (count) => (count === 1 ? '1 warning' : `${count} warnings`),
      means: 'worth mending',
    },
  ]

/** What the checks say: the verdict, problems by severity with their place, and what changes for whom. */
export function CheckReport({ check, subgraph, sdl }: CheckReportProps) {
  const lines = sdl.split('\n')
  const { passed, problems, changes } = check
  const nothing = problems.length === 0 && changes.length === 0
  return (
    <div className="check-report">
      <p className="verdict" data-passed={passed}>
        {!passed && 'It cannot be published so.'}
        {passed && (nothing ? 'Nothing would break, and nothing changes for clients.' : 'Nothing stops it.')}
        {passed &&
          !nothing &&
          !changes.some(({ criticality }) => criticality === 'BREAKING') &&
          ' Nothing would break.'}
      </p>
      {severities.map(({ severity, state, caption, means }) => {
        const found = problems.filter((problem) => problem.severity === severity)
        if (found.length === 0) return null
        return (
          <DataTable
            key={severity}
            caption={
              <>
                <span className="state" data-state={state}>
                  {caption(found.length)}
                </span>{' '}
                {means}
              </>
            }
            rows={found}
            keyOf={({ rule, line, column }, index) => `${rule} ${line} ${column} ${index}`}
            columns={[
              { heading: 'Rule', cell: ({ rule }) => <code className="rule">{rule}</code> },
              {
                heading: 'Place',
                cell: (problem) => (
                  <Place problem={problem} text={problem.subgraph === subgraph ? lines[problem.line - 1] : undefined} />
                ),
              },
              { heading: 'What is wrong', cell: (problem) => <Wrong problem={problem} /> },
              { heading: 'How to mend it', cell: ({ hint }) => hint ?? '' },
            ]}
          />
        )
      })}
      {(passed || changes.length > 0) && (
        <ChangeTables changes={changes} judgedBy={`the usage of ${check.usageDays} days`} />
      )}
    </div>
  )
}

/** Where it is, with the line itself where that says anything. */
function Place({
  problem: { subgraph, line, column, coordinate },
  text,
}: {
  problem: ProblemAnswer
  text: string | undefined
}) {
  // What is no longer in the text has its beginning for a place.
  const gone = coordinate !== null && line === 1 && column === 1
  return (
    <>
      <code className="place">
        {subgraph}:{line}:{column}
      </code>
      {coordinate !== null && (
        <p>
          <code>{coordinate}</code>
        </p>
      )}
      {text !== undefined && text.trim() !== '' && !gone && <pre className="sdl-line">{text.trim()}</pre>}
    </>
  )
}

const longestMessage = 400
/** Lines of a query that is shown unfolded. */
const longestQuery = 12

/** What is wrong; composition's messages can be pages long, and are cut to what a table bears. */
function Wrong({ problem }: { problem: ProblemAnswer }) {
  const { message, query } = problem
  const text = query === null ? message : reasonOf(message)
  const long = text.length > longestMessage
  return (
    <>
      <p className="message">{long ? `${text.slice(0, longestMessage).trimEnd()}…` : text}</p>
      {long && (
        <details>
          <summary>The whole message</summary>
          <pre tabIndex={0}>{message}</pre>
        </details>
      )}
      {query !== null && (
        <details open={query.split('\n').length <= longestQuery}>
          <summary>The query that no plan could answer</summary>
          <pre tabIndex={0}>{query}</pre>
        </details>
      )}
      <AffectedDocuments problem={problem} />
    </>
  )
}

/** Composition begins its message with the query, which is shown by itself. */
function reasonOf(message: string): string {
  const at = message.indexOf('cannot be satisfied')
  return at < 0 ? message : `The query ${message.slice(at)}`
}
