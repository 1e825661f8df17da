import { useState } from 'react'
import type { Credentials } from './credentials.ts'
import { downloadSchema } from './download-schema.ts'

type Download = { state: 'idle' | 'loading' } | { state: 'failed'; message: string }

/** The button that saves the graph, or a contract or version of it, as this app may call it, as the explorer shows it. */
export function SchemaDownload({ credentials, edition }: { credentials: Credentials; edition: string | null }) {
  const [download, setDownload] = useState<Download>({ state: 'idle' })

  async function start(): Promise<void> {
    setDownload({ state: 'loading' })
    try {
      await downloadSchema(credentials, edition)
      setDownload({ state: 'idle' })
    } catch (error) {
      setDownload({ state: 'failed', message: error instanceof Error ? error.message : 'The download has failed.' })
    }
  }

  return (
    <>
      <button
        type="button"
        className="button"
        disabled={download.state === 'loading'}
        onClick={() => void start()}
        title="What this app may call, with scopes and costs"
      >
        Download the schema
      </button>
      {download.state === 'failed' && <p role="alert">{download.message}</p>}
    </>
  )
}
