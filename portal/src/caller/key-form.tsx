import { useState, type FormEvent } from 'react'
import { Notice } from '../page/notice.tsx'
import { checkCredentials } from './check-credentials.ts'
import type { Credentials } from './credentials.ts'

export interface KeyFormProps {
  /** What the key opens, with its article. */
  opens?: 'the explorer' | 'the registry'
  /** Why the server refused the credentials used so far, if it did. */
  rejected: string | null
  onAccepted: (credentials: Credentials) => void
  /** Goes back to the demo caller, where there is one. */
  onCancel: (() => void) | null
}

/** Asks for an app id and a key, and hands them on once the server has accepted them. */
export function KeyForm({ opens = 'the explorer', rejected, onAccepted, onCancel }: KeyFormProps) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState(rejected)

  async function submit(fields: FormData): Promise<void> {
    const credentials = { appId: textOf(fields, 'app-id'), key: textOf(fields, 'key') }
    setBusy(true)
    setProblem(null)
    try {
      const verdict = await checkCredentials(credentials)
      if (verdict.accepted) onAccepted(credentials)
      else setProblem(verdict.message)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }

  function onSubmit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    void submit(new FormData(event.currentTarget))
  }

  return (
    <form className="key-form" onSubmit={onSubmit}>
      <div className="card-head">
        <h2>Call as your app</h2>
      </div>
      <p className="quiet">
        {capitalized(opens)} calls the graph with an app id and one of the app's keys. Both stay in this browser tab.
      </p>
      <label>
        App id
        <input name="app-id" required placeholder="app_…" autoComplete="off" spellCheck={false} />
      </label>
      <label>
        Key
        <input name="key" type="password" required placeholder="trb_test_…" autoComplete="off" spellCheck={false} />
      </label>
      <div role="alert">
        {problem && (
          <Notice tone="error" title="Not accepted">
            <p>{problem}</p>
          </Notice>
        )}
      </div>
      <button type="submit" className="button button-primary" disabled={busy}>
        {busy ? 'Checking…' : `Open ${opens}`}
      </button>
      {onCancel && (
        <button type="button" className="button" onClick={onCancel}>
          Use the demo caller
        </button>
      )}
    </form>
  )
}

function capitalized(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
}

function textOf(fields: FormData, name: string): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
