import type { AppEnvironment } from '../apps/apps.ts'
import type { DeclaredScope } from './declared-scopes.ts'

/** What an app was granted, or a person allows: scopes of the product by name, those of published subgraphs by id. */
export interface Grants {
  readonly scopes: readonly string[]
  /** Ids of declared scopes; absent in what was granted before there were any. */
  readonly grants?: readonly string[]
}

/** The names of all that is held now; scopes that were withdrawn are not among them. */
export function heldScopes({ scopes, grants = [] }: Grants, declared: readonly DeclaredScope[]): readonly string[] {
  if (grants.length === 0) return scopes
  return [...scopes, ...declared.filter(({ _id }) => grants.includes(_id)).map(({ name }) => name)].toSorted()
}

/** How names are stored that were found to be grantable. */
export function toGrants(names: readonly string[], declared: readonly DeclaredScope[]): Required<Grants> {
  const ids = new Map(declared.map(({ name, _id }) => [name, _id]))
  return {
    scopes: names.filter((name) => !ids.has(name)),
    grants: names.flatMap((name) => ids.get(name) ?? []),
  }
}

/** Those that apps of an environment may be granted: what only the sandbox declares is tried there. */
export function declaredFor(environment: AppEnvironment, declared: readonly DeclaredScope[]): readonly DeclaredScope[] {
  return declared.filter(({ environments }) => environment === 'SANDBOX' || environments.includes('LIVE'))
}
