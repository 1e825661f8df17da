/** An audience's part of the graph, told from the rest by `@tag(name:)` and by the scopes that fields ask for. */
export interface ContractRule {
  /** The last part of its path, for example `partner` of `/graphql/partner`. */
  readonly name: string
  readonly description: string
  /** Where there are any, only fields and unions with one of these tags, of their own or of their type, are in it. */
  readonly include: readonly string[]
  /** What has one of these tags is not in it. */
  readonly exclude: readonly string[]
  /** Fields that nobody may ask for without one of these scopes are not in it. */
  readonly excludeScopes: readonly string[]
}

/** A contract as it was at a date, promised for a window. */
export interface DatedVersion {
  /** The last part of its path, for example `2026-10`. */
  readonly version: string
  /** The contract that it is a version of. */
  readonly contract: string
  /** The first day (UTC) on which it answers. */
  readonly from: string
  /** The first day (UTC) on which it answers no more. */
  readonly until: string
  /** Its schema, which does not change. */
  readonly sdl: string
}

/** What is served below the path of the graph besides the whole of it. */
export interface Contracts {
  readonly contracts: readonly ContractRule[]
  /** The oldest first. */
  readonly versions: readonly DatedVersion[]
}

/** A contract or version that answers now, as whoever looks for one is told of it. */
export interface OpenEdition {
  readonly name: string
  /** What its contract is for. */
  readonly description: string
  /** Of a version: its contract, the first day (UTC) without it, whether that is near, and what is next. */
  readonly version: {
    readonly contract: string
    readonly until: string
    readonly endsSoon: boolean
    readonly next: string
  } | null
}

export const noContracts: Contracts = { contracts: [], versions: [] }

/** The same with what it is of the graph that is served, for checks of another one. */
export interface ContractsBefore extends Contracts {
  /** The schemas of the contracts by name; one that has none now is not compared. */
  readonly sdls: ReadonlyMap<string, string>
  readonly now: Date
}

/** Whether a contract is all of the graph. */
export function isWhole({ include, exclude, excludeScopes }: ContractRule): boolean {
  return [include, exclude, excludeScopes].every((names) => names.length === 0)
}

/** Where a version stands in its window. */
export type VersionState = 'ANNOUNCED' | 'SUPPORTED' | 'RETIRED'

export function stateOfVersion({ from, until }: Pick<DatedVersion, 'from' | 'until'>, now: Date): VersionState {
  const today = now.toISOString().slice(0, 10)
  if (today < from) return 'ANNOUNCED'
  return today < until ? 'SUPPORTED' : 'RETIRED'
}

/** The schemas of contracts and versions that one supergraph comes to, by name. */
export interface EditionTexts {
  readonly sdls: ReadonlyMap<string, string>
  /** What is not there, or not whole, and why. */
  readonly problems: readonly string[]
}
