import { useCallback, useSyncExternalStore } from 'react'
import type { OpenEdition } from '../caller/portal-session.ts'

const parameter = 'contract'
const moved = 'tributary:edition'

/** What the address asks for: all of the graph (null), a contract or version, or a name that nothing answers to. */
export interface EditionChoice {
  edition: OpenEdition | null
  unknown: string | null
}

/** The contract or version of the address, so that a link opens it, and a way to choose another; null is the whole graph. */
export function useEdition(editions: OpenEdition[]): EditionChoice & { choose: (name: string | null) => void } {
  const search = useSyncExternalStore(subscribe, () => location.search)
  const choose = useCallback((name: string | null) => {
    const url = new URL(location.href)
    if (name === null) url.searchParams.delete(parameter)
    else url.searchParams.set(parameter, name)
    history.pushState(null, '', url)
    dispatchEvent(new Event(moved))
  }, [])
  return { ...choiceOf(search, editions), choose }
}

function choiceOf(search: string, editions: OpenEdition[]): EditionChoice {
  const asked = new URLSearchParams(search).get(parameter)
  // As a form without a choice sends it.
  if (asked === null || asked === '') return { edition: null, unknown: null }
  const edition = editions.find(({ name }) => name === asked)
  return edition ? { edition, unknown: null } : { edition: null, unknown: asked }
}

function subscribe(onChange: () => void): () => void {
  const types = ['popstate', moved]
  for (const type of types) addEventListener(type, onChange)
  return () => {
    for (const type of types) removeEventListener(type, onChange)
  }
}
