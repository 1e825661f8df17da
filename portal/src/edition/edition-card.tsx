import type { OpenEdition } from '../caller/portal-session.ts'
import { Notice } from '../page/notice.tsx'
import type { EditionChoice } from './use-edition.ts'

export interface EditionCardProps extends EditionChoice {
  editions: OpenEdition[]
  onChoose: (name: string | null) => void
}

/** Which part of the graph the explorer shows: all of it, a contract, or a dated version. */
export function EditionCard({ editions, edition, unknown, onChoose }: EditionCardProps) {
  const version = edition?.version
  return (
    <div className="edition">
      <label>
        Contract or version
        <select
          value={edition?.name ?? ''}
          onChange={({ target }) => onChoose(target.value === '' ? null : target.value)}
          aria-describedby="edition-description"
        >
          <option value="">Whole graph</option>
          {editions.map(({ name, version: dated }) => (
            <option key={name} value={name}>
              {dated ? `${name} (${dated.contract}, until ${dayOf(dated.until)})` : name}
            </option>
          ))}
        </select>
      </label>
      <p id="edition-description" className="quiet">
        {describe(edition)}
      </p>
      {unknown !== null && (
        <Notice tone="error" title={`There is no contract or version “${unknown}”`}>
          <p>It may have ended, or not begun yet. The explorer shows the whole graph.</p>
        </Notice>
      )}
      {edition && version?.endsSoon && (
        <Notice
          tone="warning"
          title={`Version ${edition.name} ends on ${dayOf(version.until)}`}
          action={{ label: `Open ${version.next}`, run: () => onChoose(version.next) }}
        >
          <p>From that day on it answers no more. What comes after it is {version.next}.</p>
        </Notice>
      )}
    </div>
  )
}

function describe(edition: OpenEdition | null): string {
  if (edition === null) return 'All that your scopes allow, always the newest.'
  const { description, version } = edition
  if (version === null) return [description, 'Always the newest.'].filter(Boolean).join(' ')
  return `The contract ${version.contract} as it was at that date, promised until ${dayOf(version.until)}.`
}

const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })

/** A day that the server has told, as people write it. */
function dayOf(date: string): string {
  return days.format(new Date(date))
}
