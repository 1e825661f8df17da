import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { noteDecision } from '../applications/note-decision.ts'
import { checkReason, checkTransition, checkVersion, createInputErrors, known, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { checkTerritories } from './check-profile.ts'
import { organizationEvent } from './organization-events.ts'
import { statusRefusal } from './organization-status.ts'
import type { Organization } from './organizations.ts'

export interface DecideApplicationInput {
  readonly id: string
  readonly decision: 'APPROVE' | 'REJECT'
  readonly reason?: string | null
  readonly tierId?: string | null
  readonly territories?: readonly string[] | null
  readonly expectedVersion?: number | null
}

/** Approves or rejects an application. */
export async function decideApplication(
  context: PartnerContext,
  input: DecideApplicationInput,
  session: ClientSession,
): Promise<string> {
  operatorOnly(context.caller)
  const { models, events, caller } = context
  const approved = input.decision === 'APPROVE'
  const reason = checkReason(input.reason, !approved)
  const organization = known(await models.organizations.find(caller, session, input.id), 'organization')
  checkVersion(organization, input.expectedVersion)
  const status = approved ? 'APPROVED' : 'REJECTED'
  checkTransition(statusRefusal(organization.status, status, 'APPLIED'), ['decision'])
  const errors = createInputErrors()
  if (!approved && input.tierId != null) errors.add(['tierId'], 'Only an approval gives a tier.')
  if (!approved && input.territories != null) errors.add(['territories'], 'Only an approval gives territories.')
  const territories = input.territories == null ? organization.territories : checkTerritories(input.territories, errors)
  errors.check()

  const now = context.now()
  const changes: Partial<Organization> = { status, statusReason: reason, statusChangedAt: now, territories }
  const tierId = approved ? await beginningTier(context, input.tierId, session) : null
  const decided = await models.organizations.change(session, organization, { ...changes, tierId })
  if (approved) await models.standings.evaluateSoon(session, [organization._id], now)
  await events.append(session, organizationEvent(approved ? 'approved' : 'rejected', decided))
  await noteDecision(context, decided, { session, reason })
  return organization._id
}

/** The tier that is asked for, else the lowest; null while the programme has none. */
async function beginningTier(
  { models }: PartnerContext,
  tierId: string | null | undefined,
  session: ClientSession,
): Promise<string | null> {
  const tiers = await models.tiers.ladder(session)
  if (tierId == null) return tiers[0]?._id ?? null
  if (!tiers.some(({ _id }) => _id === tierId)) {
    throw refuse('NOT_FOUND', ['input', 'tierId'], 'There is no such tier.')
  }
  return tierId
}
