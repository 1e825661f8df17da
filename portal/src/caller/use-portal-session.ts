import { useCallback, useEffect, useState } from 'react'
import { fetchPortalSession, type PortalSession } from './portal-session.ts'

export type SessionState = { state: 'loading' } | { state: 'unreachable' } | { state: 'ready'; value: PortalSession }

/** The server's word on what this page may offer, and a way to ask again. */
export function usePortalSession(): { session: SessionState; retry: () => void } {
  const [session, setSession] = useState<SessionState>({ state: 'loading' })
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let current = true
    setSession({ state: 'loading' })
    fetchPortalSession().then(
      (value) => current && setSession({ state: 'ready', value }),
      () => current && setSession({ state: 'unreachable' }),
    )
    return () => {
      current = false
    }
  }, [attempt])
  return { session, retry: useCallback(() => setAttempt((n) => n + 1), []) }
}
