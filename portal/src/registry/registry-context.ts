import { createContext, useContext } from 'react'
import type { Credentials } from '../caller/credentials.ts'
import type { Go, Place } from './use-place.ts'

/** What every view of the registry is made from. */
export interface Registry {
  credentials: Credentials
  place: Place
  go: Go
  /** Asks for another key. */
  changeKey: () => void
}

export const RegistryContext = createContext<Registry | null>(null)

export function useRegistry(): Registry {
  const registry = useContext(RegistryContext)
  if (registry === null) throw new Error('a view of the registry outside of it')
  return registry
}
