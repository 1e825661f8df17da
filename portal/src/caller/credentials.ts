/** What identifies an app to the graph: its public id and one of its keys. */
export interface Credentials {
  appId: string
  key: string
}

const STORAGE_KEY = 'tributary.credentials'

/** The credentials typed into this browser tab, if any. */
export function loadCredentials(): Credentials | null {
  const stored = sessionStorage.getItem(STORAGE_KEY)
  if (stored === null) return null
  const value: unknown = JSON.parse(stored)
  return isCredentials(value) ? value : null
}

/** Keeps the credentials for this browser tab only: sessionStorage ends with the tab, localStorage would outlive it. */
export function saveCredentials({ appId, key }: Credentials): void {
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ appId, key }))
}

/** Forgets the credentials typed into this browser tab. */
export function forgetCredentials(): void {
  sessionStorage.removeItem(STORAGE_KEY)
}

function isCredentials(value: unknown): value is Credentials {
  return (
    typeof value === 'object' &&
    value !== null &&
    'appId' in value &&
    typeof value.appId === 'string' &&
    'key' in value &&
    typeof value.key === 'string'
  )
}
