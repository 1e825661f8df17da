import type { ClientSession } from 'mongoose'
import type { ImportColumn, ImportContext, ImportLine, ImportRefusal, Importer } from '../../../kit/background.ts'
import { CodedError } from '../../../kit/errors.ts'
import { memberEvent } from '../members/member-events.ts'
import type { PartnerModels } from '../models.ts'
import { newStanding } from '../tiers/standings.ts'
import { type Plan, planLine } from './import-line.ts'
import { organizationEvent } from './organization-events.ts'
import type { Organization } from './organizations.ts'

const text = (name: string, required: boolean, description: string): ImportColumn => ({
  name,
  required,
  description,
  type: 'text',
})

const columns: readonly ImportColumn[] = [
  text('externalId', true, 'The id in the system that the line comes from; the same id is the same organization.'),
  text('name', true, 'The name under which it trades.'),
  text('type', true, 'RESELLER, DISTRIBUTOR, ISV, REFERRAL or SI.'),
  text('country', true, 'The country of its head office, ISO 3166-1 alpha-2.'),
  text('website', true, 'An http or https address.'),
  text('territories', false, 'Codes of its territories with semicolons between them; those that it has when left out.'),
  text('status', false, 'APPLIED or APPROVED for a new one (APPROVED when left out); a legal next status for others.'),
  text('tier', false, 'The name of its tier; the lowest for a new one and the one that it has when left out.'),
  text('adminName', false, 'The full name of its first administrator; for a new one only.'),
  text('adminEmail', false, 'The e-mail address of that person.'),
  text('extraFields', false, 'Values of extra fields as a JSON object, for example {"vatId":"DE123456789"}.'),
]

/** Organizations of another system, found again by their external id. */
export const organizationImporter: Importer<PartnerModels> = {
  kind: 'organizations',
  description: 'An organization of the channel with its first administrator, found by its external id.',
  scope: 'partner:decide',
  columns,
  apply: applyLines,
}

async function applyLines(
  context: ImportContext<PartnerModels>,
  lines: readonly ImportLine[],
  session: ClientSession,
): Promise<readonly ImportRefusal[]> {
  const { models, caller } = context
  if (!caller.operator) throw new CodedError('FORBIDDEN', 'Only the platform operator imports organizations.')
  const now = context.now()
  const refusals: ImportRefusal[] = []
  const plans = new Map<string, Plan>()
  const ids = [...new Set(lines.map(({ values }) => String(values['externalId'])))]
  const known = await models.organizations.findByExternalIds(ids, session)
  const byExternalId = new Map(known.map((organization) => [organization.externalId, organization]))
  const programme = {
    caller,
    now,
    ladder: await models.tiers.ladder(session),
    definitions: await models.extraFields.inUse(['ORGANIZATION'], session),
  }
  for (const line of lines) {
    const externalId = String(line.values['externalId'])
    // An id that occurs twice is changed twice; the second line finds what the first has left.
    const earlier = plans.get(externalId)
    const plan = planLine(line, earlier?.after ?? byExternalId.get(externalId) ?? null, programme)
    if ('refusals' in plan) refusals.push(...plan.refusals)
    else
      plans.set(externalId, earlier ? { ...plan, before: earlier.before, member: earlier.member ?? plan.member } : plan)
  }
  await write(
    context,
    session,
    [...plans.values()].filter(({ before, after }) => before !== after),
  )
  return refusals
}

async function write(context: ImportContext<PartnerModels>, session: ClientSession, plans: readonly Plan[]) {
  if (plans.length === 0) return
  const { models, events } = context
  const created = plans.filter(({ before }) => before === null).map(({ after }) => after)
  const members = plans.flatMap(({ member }) => member ?? [])
  const changed = plans.flatMap(({ before, after }) => (before ? [{ before, after, changes: changesOf(after) }] : []))
  if (created.length > 0) await models.organizations.insert(session, ...created)
  if (members.length > 0) await models.members.insert(session, ...members)
  await models.organizations.changeMany(session, changed)
  const now = context.now()
  const standings = approvedIds(created).map((id) => newStanding(id, now))
  if (standings.length > 0) await models.standings.insert(session, ...standings)
  await models.standings.evaluateSoon(session, approvedIds(changed.map(({ after }) => after)), now)
  await events.append(session, ...plans.flatMap(eventsOf))
}

function approvedIds(organizations: readonly Organization[]): string[] {
  return organizations.filter(({ status }) => status === 'APPROVED').map(({ _id }) => _id)
}

/** What a line can change. */
function changesOf(organization: Organization): Partial<Organization> {
  const { name, type, country, website, territories, extraFields, words } = organization
  const { status, statusReason, statusChangedAt, tierId } = organization
  const profile = { name, type, country, website, territories, extraFields, words }
  return { ...profile, status, statusReason, statusChangedAt, tierId }
}

const eventOfStatus = {
  APPLIED: 'applied',
  APPROVED: 'approved',
  REJECTED: 'rejected',
  SUSPENDED: 'suspended',
  TERMINATED: 'terminated',
} as const

/** What another subgraph would have heard, had it been done by hand. */
function eventsOf({ before, after, member }: Plan) {
  const reinstated = before?.status === 'SUSPENDED' && after.status === 'APPROVED'
  const change = before?.status === after.status ? 'changed' : reinstated ? 'reinstated' : eventOfStatus[after.status]
  return [organizationEvent(change, after), ...(member ? [memberEvent('joined', member)] : [])]
}
