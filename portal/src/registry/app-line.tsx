import type { ReactNode } from 'react'
import type { AppAnswer } from './answers.ts'

/** An app with its organization, what it pays and whom to write to; `children` stand before what it pays. */
export function AppLine({ app, children }: { app: AppAnswer; children?: ReactNode }) {
  const { appName, organizationName, planName, monthlyPrice, contacts } = app
  return (
    <>
      <strong>{appName}</strong>
      {organizationName !== null && ` of ${organizationName}`}
      {children}
      {planName !== null && `, plan ${planName}`}
      {monthlyPrice !== null && ` at ${monthlyPrice} a month`}
      {contacts.map(({ name, email }) => (
        <a key={email} className="contact" href={`mailto:${email}`}>
          {name} &lt;{email}&gt;
        </a>
      ))}
    </>
  )
}
