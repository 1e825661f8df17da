import { useCallback, useMemo, useState } from 'react'
import { forgetCredentials, loadCredentials, saveCredentials, type Credentials } from './credentials.ts'
import type { DemoCaller } from './portal-session.ts'
import type { SessionState } from './use-portal-session.ts'

/** Who the explorer calls as: the demo app, or the app whose key was typed in. */
export interface Caller {
  credentials: Credentials
  demo: DemoCaller | null
}

/** Chooses the caller: credentials typed into this tab first, else the demo app, else nobody. */
export function useCaller(session: SessionState) {
  const [typed, setTyped] = useState(loadCredentials)
  const demo = session.state === 'ready' ? session.value.demo : null
  const caller = useMemo<Caller | null>(() => {
    if (typed) return { credentials: typed, demo: null }
    return demo && { credentials: { appId: demo.appId, key: demo.key }, demo }
  }, [typed, demo])
  const acceptCredentials = useCallback((credentials: Credentials) => {
    saveCredentials(credentials)
    setTyped(credentials)
  }, [])
  const forget = useCallback(() => {
    forgetCredentials()
    setTyped(null)
  }, [])
  return { caller, demo, acceptCredentials, forget }
}
