import { Answered, Empty } from '../answered.tsx'
import { type UserAnswer, userFields } from '../answers.ts'
import { DataTable } from '../data-table.tsx'
import { Moment } from '../moment.tsx'
import { useRegistry } from '../registry-context.ts'
import { useAnswer } from '../use-answer.ts'
import { UserList } from '../user-list.tsx'

interface Deprecations {
  schemaDeprecations: {
    coordinate: string
    reason: string | null
    sunset: string | null
    replacement: string | null
    brownouts: { from: string; to: string }[]
    users: UserAnswer[] | null
  }[]
}

const query = `query Deprecations($environment: GraphEnvironment!) {
  schemaDeprecations(environment: $environment) {
    coordinate reason sunset replacement brownouts { from to } users { ${userFields} }
  }
}`

/** Fields and arguments that go away, with their day and who uses them. */
export function DeprecationsView() {
  const { credentials, place } = useRegistry()
  const { answer, again } = useAnswer<Deprecations>(credentials, query, { environment: place.environment })
  return (
    <Answered answer={answer} again={again} loading="Reading what goes away, and who uses it…">
      {({ schemaDeprecations: found }) =>
        found.length === 0 ? (
          <Empty title="Nothing is announced to go away.">
            <p>
              A field that is to go says so with <code>@deprecated</code> and <code>@sunset(date:)</code>.
            </p>
          </Empty>
        ) : (
          <DataTable
            caption={`${found.length} going away, what ends first comes first; users of the last 30 days`}
            rows={found}
            keyOf={({ coordinate }) => coordinate}
            columns={[
              { heading: 'What', cell: ({ coordinate }) => <code>{coordinate}</code> },
              {
                heading: 'Until',
                cell: ({ sunset, brownouts }) => (
                  <>
                    {sunset === null ? <span className="quiet">no day is set</span> : <time>{sunset}</time>}
                    {brownouts.map(({ from, to }) => (
                      <p key={from} className="quiet">
                        dark from <Moment at={from} /> to <Moment at={to} />
                      </p>
                    ))}
                  </>
                ),
              },
              { heading: 'Why', cell: ({ reason }) => reason ?? '' },
              {
                heading: 'Instead',
                cell: ({ replacement }) => (replacement === null ? '' : <code>{replacement}</code>),
              },
              { heading: 'Who uses it', cell: ({ users }) => <UserList users={users} /> },
            ]}
          />
        )
      }
    </Answered>
  )
}
