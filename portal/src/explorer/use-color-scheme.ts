import { useSyncExternalStore } from 'react'

const darkScheme = matchMedia('(prefers-color-scheme: dark)')

function subscribe(onChange: () => void): () => void {
  darkScheme.addEventListener('change', onChange)
  return () => darkScheme.removeEventListener('change', onChange)
}

/** The system's colour scheme, followed while the page is open: Monaco reads it once only. */
export function useColorScheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, () => (darkScheme.matches ? 'dark' : 'light'))
}
