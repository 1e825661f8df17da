import type { ChangeAnswer, Criticality } from './answers.ts'
import { DataTable } from './data-table.tsx'
import { UserList } from './user-list.tsx'

const kinds: readonly { criticality: Criticality; state: string; what: string }[] = [
  { criticality: 'BREAKING', state: 'bad', what: 'operations that worked fail' },
  { criticality: 'DANGEROUS', state: 'low', what: 'operations still work, clients may be surprised' },
  { criticality: 'SAFE', state: 'good', what: 'nobody notices who does not look' },
]

/** What changes for clients, what breaks first; safe changes are folded. `judgedBy` says what users were looked up by. */
export function ChangeTables({ changes, judgedBy }: { changes: ChangeAnswer[]; judgedBy: string | null }) {
  if (changes.length === 0) return <p className="quiet">Nothing changes for clients.</p>
  return (
    <>
      {judgedBy !== null && (
        <h3>
          What changes for clients<span className="quiet">, judged by {judgedBy}</span>
        </h3>
      )}
      {kinds.map(({ criticality, state, what }) => {
        const found = changes.filter((change) => change.criticality === criticality)
        if (found.length === 0) return null
        const caption = (
          <>
            <span className="state" data-state={state}>
              {found.length} {criticality.toLowerCase()}
            </span>{' '}
            {what}
          </>
        )
        const users = judgedBy !== null && criticality !== 'SAFE'
        const table = (
          <DataTable
            caption={caption}
            rows={found}
            keyOf={({ kind, coordinate }, index) => `${kind} ${coordinate ?? ''} ${index}`}
            columns={[
              { heading: 'Where', cell: ({ coordinate }) => <code>{coordinate ?? 'the schema'}</code> },
              {
                heading: 'What',
                cell: ({ message, accepted }) => (
                  <>
                    {message}
                    {accepted && <span className="tag">accepted</span>}
                  </>
                ),
              },
              // Where none sees any of it, there may be no contracts at all.
              ...(found.some(({ contracts }) => contracts.length > 0)
                ? [
                    {
                      heading: 'Contracts that see it',
                      cell: (change: ChangeAnswer) => change.contracts.join(', ') || 'none',
                    },
                  ]
                : []),
              ...(users
                ? [{ heading: 'Who uses it', cell: (change: ChangeAnswer) => <UserList users={change.users} /> }]
                : []),
            ]}
          />
        )
        if (criticality !== 'SAFE') return <div key={criticality}>{table}</div>
        return (
          <details key={criticality}>
            <summary>
              {found.length} safe {found.length === 1 ? 'change' : 'changes'}
            </summary>
            {table}
          </details>
        )
      })}
    </>
  )
}
