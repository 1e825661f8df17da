import { type Scope, scopes } from '../../../schema/scopes.ts'
import type { DeclaredScope } from '../declared-scopes/declared-scopes.ts'

/** What only the platform company's own apps may have, whatever anybody grants. */
const platformOnly: ReadonlySet<string> = new Set<Scope>([
  'partner:decide',
  'catalog:write',
  'pricing:write',
  'deals:decide',
  'billing:manage',
  'schemas:read',
  'schemas:write',
])

/** What a partner may have when the operator says so, as for a stock feed. */
const byLeaveOnly: ReadonlySet<string> = new Set<Scope>(['inventory:write', 'bulk:write'])

const everyScope = Object.keys(scopes)

/** The scopes that the operator can let a partner's apps have. */
export const partnerScopes: readonly string[] = everyScope.filter((scope) => !platformOnly.has(scope))
const byDefault = partnerScopes.filter((scope) => !byLeaveOnly.has(scope))

interface ScopeOwner {
  readonly _id: string
  readonly tierId: string | null
  readonly operator: boolean
  readonly allowedScopes: readonly string[] | null
}

/** The scopes that apps of an organization may have: of the product, and of published subgraphs what it is offered. */
export function allowedScopes(owner: ScopeOwner, declared: readonly DeclaredScope[]): readonly string[] {
  const offered = declared.filter((scope) => isOfferedTo(owner, scope)).map(({ name }) => name)
  return [...(owner.operator ? everyScope : (owner.allowedScopes ?? byDefault)), ...offered]
}

function isOfferedTo(
  { _id, tierId, operator, allowedScopes: chosen }: ScopeOwner,
  { everyPartner, tierIds, organizationIds }: DeclaredScope,
): boolean {
  if (operator || organizationIds.includes(_id)) return true
  return chosen === null && (everyPartner || (tierId !== null && tierIds.includes(tierId)))
}
