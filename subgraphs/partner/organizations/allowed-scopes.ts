import { type Scope, scopes } from '../../../schema/scopes.ts'

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
  readonly operator: boolean
  readonly allowedScopes: readonly string[] | null
}

/** The scopes that apps of an organization may have. */
export function allowedScopes({ operator, allowedScopes: chosen }: ScopeOwner): readonly string[] {
  return operator ? everyScope : (chosen ?? byDefault)
}
