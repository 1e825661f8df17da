import { useCallback, useSyncExternalStore } from 'react'

export const environments = ['LIVE', 'SANDBOX'] as const
export type GraphEnvironment = (typeof environments)[number]

export const views = ['subgraphs', 'check', 'history', 'version', 'changes', 'deprecations', 'gateways'] as const
export type View = (typeof views)[number]

/** Where somebody is on the page; all of it is in the address, so that it can be sent to others. */
export interface Place {
  view: View
  environment: GraphEnvironment
  /** A subgraph's name, of `history` and `check`. */
  subgraph?: string | undefined
  /** The id of a version, of `version`. */
  id?: string | undefined
  /** Numbers of supergraphs, of `changes`. */
  from?: string | undefined
  to?: string | undefined
}

export type Go = (place: Place) => void

/** The address of a place. */
export function hrefOf({ view, environment, ...rest }: Place): string {
  const known = Object.entries(rest).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const params = new URLSearchParams([
    ...(view === 'subgraphs' ? [] : [['view', view]]),
    ...(environment === 'LIVE' ? [] : [['environment', environment.toLowerCase()]]),
    ...known,
  ])
  const search = params.toString()
  return search === '' ? '/registry/' : `/registry/?${search}`
}

/** The place of an address; what is not understood is left out. */
export function placeOf(search: string): Place {
  const params = new URLSearchParams(search)
  const text = (name: string): string | undefined => params.get(name) ?? undefined
  return {
    view: views.find((view) => view === params.get('view')) ?? 'subgraphs',
    environment: environments.find((each) => each.toLowerCase() === params.get('environment')) ?? 'LIVE',
    subgraph: text('subgraph'),
    id: text('id'),
    from: text('from'),
    to: text('to'),
  }
}

const moved = 'tributary:moved'

function subscribe(onChange: () => void): () => void {
  const types = ['popstate', moved]
  for (const type of types) addEventListener(type, onChange)
  return () => {
    for (const type of types) removeEventListener(type, onChange)
  }
}

/** Where one is, and a way to go elsewhere without loading the page anew. */
export function usePlace(): { place: Place; go: Go } {
  const search = useSyncExternalStore(subscribe, () => location.search)
  const go = useCallback((next: Place) => {
    history.pushState(null, '', hrefOf(next))
    dispatchEvent(new Event(moved))
    scrollTo(0, 0)
  }, [])
  return { place: placeOf(search), go }
}
