import type { UserAnswer } from './answers.ts'
import { AppLine } from './app-line.tsx'

const count = new Intl.NumberFormat('en')

/** Who would notice: the app, its organization, what it pays and whom to write to; null where that may not be read. */
export function UserList({ users }: { users: UserAnswer[] | null }) {
  if (users === null)
    return <span className="quiet">your app may not read usage (billing:read, partner:read, apps:read)</span>
  if (users.length === 0) return <span className="quiet">nobody</span>
  return (
    <ul className="plain users">
      {users.map((user) => (
        <li key={user.appId}>
          <AppLine app={user}>
            : {count.format(user.calls)} {user.calls === 1 ? 'call' : 'calls'}
          </AppLine>
        </li>
      ))}
    </ul>
  )
}
