import type { Credentials } from './credentials.ts'

/** The seeded app that a visitor on the server's own machine may try the graph with. */
export interface DemoCaller extends Credentials {
  appName: string
  organizationName: string
  planName: string
  scopes: string[]
}

/** An operation offered as a tab of the explorer. */
export interface SampleOperation {
  name: string
  query: string
  variables: Record<string, unknown>
}

/** A contract or dated version of the graph that answers now. */
export interface OpenEdition {
  name: string
  description: string
  /** `until` is the first day (UTC) without it, as `2027-10-01`; null where it is a contract. */
  version: { contract: string; until: string; endsSoon: boolean; next: string } | null
}

/** What `GET /portal/session` answers: everything that the page cannot know at build time. */
export interface PortalSession {
  demo: DemoCaller | null
  samples: SampleOperation[]
  version: string
  editions: OpenEdition[]
}

const DEADLINE_MS = 10_000

/** Asks the server what this page may offer; rejects when the server is away or answers something else. */
export async function fetchPortalSession(): Promise<PortalSession> {
  const response = await fetch('/portal/session', {
    headers: { accept: 'application/json' },
    cache: 'no-store',
    signal: AbortSignal.timeout(DEADLINE_MS),
  })
  if (!response.ok) throw new Error(`GET /portal/session answered ${response.status}`)
  return (await response.json()) as PortalSession
}
