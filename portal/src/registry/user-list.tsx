import type { UserAnswer } from './answers.ts'

const count = new Intl.NumberFormat('en')

/** Who would notice: the app, its organization, what it pays and whom to write to; null where that may not be read. */
export function UserList({ users }: { users: UserAnswer[] | null }) {
  if (users === null)
    return <span className="quiet">your app may not read usage (billing:read, partner:read, apps:read)</span>
  if (users.length === 0) return <span className="quiet">nobody</span>
  return (
    <ul className="plain users">
      {users.map(({ appId, appName, organizationName, planName, monthlyPrice, calls, contacts }) => (
        <li key={appId}>
          <strong>{appName}</strong>
          {organizationName !== null && ` of ${organizationName}`}: {count.format(calls)}{' '}
          {calls === 1 ? 'call' : 'calls'}
          {planName !== null && `, plan ${planName}`}
          {monthlyPrice !== null && ` at ${monthlyPrice} a month`}
          {contacts.map(({ name, email }) => (
            <a key={email} className="contact" href={`mailto:${email}`}>
              {name} &lt;{email}&gt;
            </a>
          ))}
        </li>
      ))}
    </ul>
  )
}
