import type { Caller } from '../kit/caller.ts'
import { isIdOf } from '../kit/ids.ts'

/**
 * The reference of an organization in a subgraph that extends it and holds no document of it: null for another
 * partner's, as the owning subgraph answers it.
 */
export function visibleOrganization(caller: Caller, id: string): { readonly id: string } | null {
  if (!isIdOf('Organization', id)) return null
  return caller.operator || caller.organizationId === id ? { id } : null
}
