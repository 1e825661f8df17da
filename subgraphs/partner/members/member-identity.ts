import { allowedScopes } from '../organizations/allowed-scopes.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { MemberStatus } from './members.ts'

/** Who a person is, as the authorization server and gateways need it. */
export interface MemberIdentity {
  readonly memberId: string
  readonly name: string
  readonly email: string
  readonly status: MemberStatus
  readonly organizationId: string
  readonly organizationName: string
  readonly organizationStatus: string
  readonly operator: boolean
  readonly allowedScopes: readonly string[]
  readonly consentedScopes: readonly string[] | null
}

/** Finds a member and, when an app is named, what the member allows it now; null when there is no such member. */
export async function identifyMember(
  { loaders, models, now }: PartnerContext,
  { memberId, appId }: { readonly memberId: string; readonly appId?: string | null },
): Promise<MemberIdentity | null> {
  const member = await loaders.members.load(memberId)
  if (member === null) return null
  const [organization, consent] = await Promise.all([
    loaders.organizations.load(member.organizationId),
    appId == null ? null : models.consents.ofMemberAndApp(memberId, appId),
  ])
  if (organization === null) return null
  // A consent ends by its time, even before the timer has written so.
  const stands = consent !== null && (consent.expiresAt === null || consent.expiresAt > now())
  return {
    memberId,
    name: member.name,
    email: member.email,
    status: member.status,
    organizationId: organization._id,
    organizationName: organization.name,
    organizationStatus: organization.status,
    operator: organization.operator,
    allowedScopes: allowedScopes(organization),
    consentedScopes: stands ? consent.scopes : null,
  }
}
