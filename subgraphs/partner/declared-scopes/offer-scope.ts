import type { ClientSession } from 'mongoose'
import { createInputErrors, checkVersion, known, operatorOnly } from '../input.ts'
import type { MemberRole } from '../members/members.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'

export interface OfferScopeInput {
  readonly scope: string
  readonly everyPartner?: boolean | null
  readonly tierIds?: readonly string[] | null
  readonly organizationIds?: readonly string[] | null
  readonly roles?: readonly MemberRole[] | null
  readonly expectedVersion?: number | null
}

const mostTierIds = 50
const mostOrganizationIds = 500

/** Says which partners may give a scope of a published subgraph to their apps; whoever may no longer has lost it. */
export async function offerScope(context: PartnerContext, input: OfferScopeInput, session: ClientSession) {
  operatorOnly(context.caller)
  await requireRole(context, session, ['ADMIN'])
  const { models, events, caller } = context
  const scope = known(await models.declaredScopes.byName(session, input.scope), 'scope', 'scope')
  checkVersion(scope, input.expectedVersion)
  const errors = createInputErrors()
  const tierIds = input.tierIds == null ? scope.tierIds : [...new Set(input.tierIds)]
  const organizationIds = input.organizationIds == null ? scope.organizationIds : [...new Set(input.organizationIds)]
  if (tierIds.length > mostTierIds) errors.add(['tierIds'], `There are at most ${mostTierIds}.`)
  if (organizationIds.length > mostOrganizationIds) {
    errors.add(['organizationIds'], `There are at most ${mostOrganizationIds}; offer it to a tier.`)
  }
  if (input.roles?.length === 0) errors.add(['roles'], 'Name at least one role.')
  errors.check()
  const ladder = new Set((await models.tiers.ladder(session)).map(({ _id }) => _id))
  if (tierIds.some((id) => !ladder.has(id))) errors.add(['tierIds'], 'There is no such tier.', 'NOT_FOUND')
  const found = await models.organizations.findMany(session, organizationIds)
  if (found.length < organizationIds.length) {
    errors.add(['organizationIds'], 'There is no such organization.', 'NOT_FOUND')
  }
  errors.check()
  const everyPartner = input.everyPartner ?? scope.everyPartner
  const roles = input.roles == null ? scope.roles : [...new Set(input.roles)]
  await models.declaredScopes.change(session, scope, { everyPartner, tierIds, organizationIds, roles })
  await events.append(session, {
    type: 'declared_scope.offered',
    subject: scope._id,
    // The platform company's own affair.
    audience: [caller.organizationId],
    data: { scope: scope.name },
  })
  return scope._id
}
