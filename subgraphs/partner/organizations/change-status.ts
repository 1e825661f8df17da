import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { checkReason, checkTransition, checkVersion, known, operatorOnly } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { organizationEvent } from './organization-events.ts'
import { type OrganizationStatus, statusRefusal } from './organization-status.ts'

export interface OrganizationStatusInput {
  readonly id: string
  readonly reason?: string | null
  readonly expectedVersion?: number | null
}

interface StatusChange {
  readonly to: OrganizationStatus
  /** The only state that it is for, where the state machine alone would allow more. */
  readonly only?: OrganizationStatus
  readonly event: 'suspended' | 'reinstated' | 'terminated'
  readonly needsReason: boolean
}

const suspension: StatusChange = { to: 'SUSPENDED', event: 'suspended', needsReason: true }
const reinstatement: StatusChange = { to: 'APPROVED', only: 'SUSPENDED', event: 'reinstated', needsReason: false }
const termination: StatusChange = { to: 'TERMINATED', event: 'terminated', needsReason: true }

/** Suspends a partner; gateways shut its apps out by the status alone. */
export const suspendOrganization = changeStatus(suspension)
/** Reinstates a suspended partner. */
export const reinstateOrganization = changeStatus(reinstatement)
/** Ends a partnership for good. */
export const terminateOrganization = changeStatus(termination)

function changeStatus({ to, only, event, needsReason }: StatusChange) {
  return async (context: PartnerContext, input: OrganizationStatusInput, session: ClientSession): Promise<string> => {
    operatorOnly(context.caller)
    const { models, events, caller } = context
    const reason = checkReason(input.reason, needsReason)
    const organization = known(await models.organizations.find(caller, session, input.id), 'organization')
    checkVersion(organization, input.expectedVersion)
    if (organization.operator) {
      throw refuse('PLATFORM_ORGANIZATION', ['input', 'id'], 'The platform company itself keeps its status.')
    }
    checkTransition(statusRefusal(organization.status, to, only), ['id'])
    const now = context.now()
    const changes = { status: to, statusReason: reason, statusChangedAt: now }
    const changed = await models.organizations.change(session, organization, changes)
    // What has happened meanwhile counts from now on again.
    if (to === 'APPROVED') await models.standings.evaluateSoon(session, [organization._id], now)
    if (to === 'TERMINATED') await models.applications.release(session, organization._id)
    await events.append(session, organizationEvent(event, changed))
    return organization._id
  }
}
