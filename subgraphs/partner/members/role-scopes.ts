import type { ClientSession } from 'mongoose'
import { isIdOf } from '../../../kit/ids.ts'
import { type Scope, scopes } from '../../../schema/scopes.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { DeclaredScope } from '../declared-scopes/declared-scopes.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { MemberRole } from './members.ts'

const everyScope = Object.keys(scopes) as Scope[]

/** What a role may hand out or do besides what its organization allows. The mutations say the same by `requireRole`. */
const ofRole: Readonly<Record<MemberRole, ReadonlySet<string>>> = {
  ADMIN: new Set(everyScope),
  DEVELOPER: new Set(everyScope.filter((scope) => scope !== 'partner:write' && scope !== 'billing:write')),
  SALES: new Set<Scope>([
    'partner:read',
    'catalog:read',
    'pricing:read',
    'deals:read',
    'deals:write',
    'inventory:read',
    'inventory:reserve',
  ]),
  FINANCE: new Set<Scope>(['partner:read', 'catalog:read', 'pricing:read', 'billing:read', 'billing:write']),
}

/** The scopes of some that a role has. */
export function scopesOfRole(
  role: MemberRole,
  among: readonly string[],
  declared: readonly DeclaredScope[],
): readonly string[] {
  const given = new Set(declared.filter(({ roles }) => roles.includes(role)).map(({ name }) => name))
  return among.filter((scope) => ofRole[role].has(scope) || given.has(scope))
}

/**
 * Refuses to give an app, or a key of an app, scopes that the caller does not have: neither the app that calls nor the
 * person for whom it acts. Else `apps:write` alone would be worth every scope of the organization. A scope that was just
 * declared nobody has, so whoever decides to whom it is offered may give it.
 */
export async function requireHeld(
  { models, caller }: Pick<PartnerContext, 'models' | 'caller'>,
  session: ClientSession,
  { wanted, field }: { readonly wanted: readonly string[]; readonly field: string },
): Promise<void> {
  const { endUserId } = caller
  const isMember = endUserId !== undefined && isIdOf('Member', endUserId)
  const member = isMember ? await models.members.find(caller, session, endUserId) : null
  const declared = await models.declaredScopes.all(session)
  const held = member === null ? caller.scopes : scopesOfRole(member.role, caller.scopes, declared)
  const decides = caller.operator && held.includes('partner:decide')
  const given = new Set(decides ? declared.map(({ name }) => name) : [])
  const missing = wanted.filter((scope) => !held.includes(scope) && !given.has(scope))
  if (missing.length === 0) return
  const message = `Nobody can give what they do not have: ${missing.join(', ')}.`
  throw refuse('SCOPE_NOT_HELD', ['input', field], message)
}
