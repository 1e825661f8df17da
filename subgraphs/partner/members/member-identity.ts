import { heldScopes } from '../declared-scopes/grants.ts'
import { plainEmail } from '../input.ts'
import { allowedScopes } from '../organizations/allowed-scopes.ts'
import type { PartnerContext } from '../partner-context.ts'
import { scopesOfTier } from '../tiers/tier-scopes.ts'
import { scopesOfRole } from './role-scopes.ts'
import type { MemberRole, MemberStatus } from './members.ts'

/** Who a person is, as the authorization server and gateways need it. */
export interface MemberIdentity {
  readonly memberId: string
  readonly name: string
  readonly email: string
  readonly status: MemberStatus
  readonly role: MemberRole
  readonly organizationId: string
  readonly organizationName: string
  readonly organizationStatus: string
  readonly operator: boolean
  readonly roleScopes: readonly string[]
  readonly tierScopes: readonly string[]
  readonly consentedScopes: readonly string[] | null
  readonly consentExpiresAt: Date | null
}

/** Finds a member and, when an app is named, what the member allows it now; null when there is no such member. */
export async function identifyMember(
  { loaders, models, now }: PartnerContext,
  { memberId, appId }: { readonly memberId: string; readonly appId?: string | null },
): Promise<MemberIdentity | null> {
  const member = await loaders.members.load(memberId)
  if (member === null) return null
  const [organization, consent, declared] = await Promise.all([
    loaders.organizations.load(member.organizationId),
    appId == null ? null : models.consents.ofMemberAndApp(memberId, appId),
    loaders.allDeclaredScopes(),
  ])
  if (organization === null) return null
  // A consent ends by its time, even before the timer has written so.
  const stands = consent !== null && (consent.expiresAt === null || consent.expiresAt > now())
  return {
    memberId,
    name: member.name,
    email: member.email,
    status: member.status,
    role: member.role,
    organizationId: organization._id,
    organizationName: organization.name,
    organizationStatus: organization.status,
    operator: organization.operator,
    roleScopes: scopesOfRole(member.role, allowedScopes(organization, declared), declared),
    tierScopes: await scopesOfTier({ loaders }, organization),
    consentedScopes: stands ? heldScopes(consent, declared) : null,
    consentExpiresAt: stands ? consent.expiresAt : null,
  }
}

/** Who has an address, of whatever organizations. */
export async function identifyMembers(
  context: PartnerContext,
  { email }: { readonly email: string },
): Promise<readonly MemberIdentity[]> {
  const address = plainEmail(email)
  const members = address === null ? [] : await context.models.members.activeOfAddress(address)
  const identities = await Promise.all(members.map(({ _id: memberId }) => identifyMember(context, { memberId })))
  return identities.filter((identity) => identity !== null)
}
