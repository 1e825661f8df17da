import type { DocumentAnswer, ProblemAnswer } from './answers.ts'
import { AppLine } from './app-line.tsx'

const count = new Intl.NumberFormat('en')
/** Documents that are shown unfolded. */
const mostUnfolded = 3

/** Whose trusted documents a problem is about, and which: where each would fail, or what it would cost. */
export function AffectedDocuments({ problem: { app, documents } }: { problem: ProblemAnswer }) {
  if (app === null) return null
  return (
    <>
      <p>
        <AppLine app={app} />
      </p>
      <details open={documents.length <= mostUnfolded}>
        <summary>
          {documents.length} {documents.length === 1 ? 'document' : 'documents'}
        </summary>
        <ul className="plain users">
          {documents.map((document) => (
            <li key={`${document.documentId} ${document.operationName ?? ''}`} className="message">
              <code>{document.documentId}</code>
              {document.operationName !== null && ` (${document.operationName})`}
              {whereOrHowMuch(document)}
            </li>
          ))}
        </ul>
      </details>
    </>
  )
}

function whereOrHowMuch({ line, column, costBefore, costAfter, costLimit }: DocumentAnswer): string {
  if (line !== null && column !== null) return `, at ${line}:${column}`
  if (costBefore === null || costAfter === null) return ''
  const limit = costLimit === null ? '' : `, of at most ${count.format(costLimit)}`
  return `: ${count.format(costBefore)} points now and ${count.format(costAfter)} then${limit}`
}
