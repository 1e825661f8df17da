import type { ImportLine, ImportRefusal } from '../../../kit/background.ts'
import type { Caller } from '../../../kit/caller.ts'
import { mergeValues } from '../extra-fields/check-extra-fields.ts'
import type { ExtraField } from '../extra-fields/extra-fields.ts'
import type { ExtraFieldInput } from '../extra-fields/value-rules.ts'
import { type InputErrors, createInputErrors, plainEmail } from '../input.ts'
import type { Member } from '../members/members.ts'
import { newMember } from '../members/new-member.ts'
import type { PartnerTier } from '../tiers/tiers.ts'
import { checkProfile, organizationWords } from './check-profile.ts'
import { newOrganization } from './new-organization.ts'
import {
  type OrganizationStatus,
  type OrganizationType,
  organizationStateMachine,
  organizationStatuses,
  organizationTypes,
} from './organization-status.ts'
import type { Organization } from './organizations.ts'

/** What a line comes to: the organization before (null: a new one) and after, and its new administrator. */
export interface Plan {
  readonly before: Organization | null
  readonly after: Organization
  readonly member: Member | null
}

interface Programme {
  readonly caller: Caller
  readonly now: Date
  readonly ladder: readonly PartnerTier[]
  readonly definitions: readonly ExtraField[]
}

/** Plans a line without writing anything; a line that changes nothing answers the same document before and after. */
export function planLine(
  { number, values }: ImportLine,
  before: Organization | null,
  { caller, now, ladder, definitions }: Programme,
): Plan | { readonly refusals: readonly ImportRefusal[] } {
  const errors = createInputErrors()
  const column = (name: string): string | null => {
    const value = values[name]
    return value == null || value === '' ? null : String(value)
  }
  const profile = checkProfile(
    {
      name: column('name'),
      type: oneOf<OrganizationType>(organizationTypes, column('type'), ['type'], errors),
      country: column('country'),
      website: column('website'),
      externalId: column('externalId'),
      territories:
        column('territories')
          ?.split(';')
          .map((code) => code.trim()) ?? null,
    },
    errors,
  )
  const status = oneOf<OrganizationStatus>(organizationStatuses, column('status'), ['status'], errors)
  const nextStatus = status ?? before?.status ?? 'APPROVED'
  checkStatus(before, nextStatus, errors)
  const tierId = tierFor({ name: column('tier'), before, status: nextStatus, ladder, errors })
  const extraFields = mergeValues(definitions, caller, {
    stored: before?.extraFields ?? [],
    given: readExtraFields(column('extraFields'), errors),
    errors,
  })
  const admin = readAdmin(column('adminName'), column('adminEmail'), errors)
  if (errors.found().length > 0) {
    return {
      refusals: errors
        .found()
        .map(({ code, field, message }) => ({ line: number, column: field?.[1] ?? null, code, message })),
    }
  }
  const { name = '', type = 'RESELLER', country = '', website = '', externalId } = profile
  const described = { name, type, country, website, externalId, extraFields, territories: profile.territories ?? [] }
  if (before === null) {
    const after = newOrganization({ ...described, status: nextStatus, tierId, now })
    const member = admin && newMember({ ...admin, organizationId: after._id, role: 'ADMIN', now })
    return { before, after, member }
  }
  const { externalId: _same, ...changes } = { ...described, territories: profile.territories ?? before.territories }
  const after: Organization = {
    ...before,
    ...changes,
    status: nextStatus,
    ...(nextStatus === before.status ? {} : { statusChangedAt: now, statusReason: null }),
    tierId,
    words: organizationWords({ name, website, externalId }),
  }
  return { before, after: JSON.stringify(after) === JSON.stringify(before) ? before : after, member: null }
}

function oneOf<Value extends string>(
  values: readonly Value[],
  given: string | null,
  path: readonly string[],
  errors: InputErrors,
): Value | null {
  const value = values.find((candidate) => candidate === given)
  if (given !== null && value === undefined) errors.add(path, `This is one of ${values.join(', ')}.`)
  return value ?? null
}

function checkStatus(before: Organization | null, status: OrganizationStatus, errors: InputErrors): void {
  if (before === null) {
    if (status === 'APPLIED' || status === 'APPROVED') return
    errors.add(['status'], 'A new organization is APPLIED or APPROVED.', 'ILLEGAL_TRANSITION')
    return
  }
  if (before.status === status) return
  if (before.operator) errors.add(['status'], 'The platform company itself keeps its status.', 'PLATFORM_ORGANIZATION')
  const refusal = organizationStateMachine.refusal(before.status, status)
  if (refusal !== undefined) errors.add(['status'], refusal, 'ILLEGAL_TRANSITION')
}

/** A tier is for approved partners; one that was approved before keeps the tier that it had then. */
function tierFor({
  name,
  before,
  status,
  ladder,
  errors,
}: {
  readonly name: string | null
  readonly before: Organization | null
  readonly status: OrganizationStatus
  readonly ladder: readonly PartnerTier[]
  readonly errors: InputErrors
}): string | null {
  const kept = before?.tierId ?? null
  if (name === null) return kept ?? (status === 'APPROVED' ? (ladder[0]?._id ?? null) : null)
  const tier = ladder.find((candidate) => candidate.name === name)
  if (tier === undefined) errors.add(['tier'], `There is no tier ${name.slice(0, 60)}.`, 'NOT_FOUND')
  if (status !== 'APPROVED') errors.add(['tier'], 'Only an APPROVED organization has a tier.')
  return tier?._id ?? null
}

function readExtraFields(text: string | null, errors: InputErrors): ExtraFieldInput[] | null {
  if (text === null) return null
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    parsed = null
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    errors.add(['extraFields'], 'This is no JSON object.')
    return null
  }
  return Object.entries(parsed).map(([key, value]) => ({ key, value: value === null ? null : String(value) }))
}

function readAdmin(name: string | null, email: string | null, errors: InputErrors) {
  if (name === null && email === null) return null
  const address = plainEmail(email ?? '')
  if (name === null) errors.add(['adminName'], 'An administrator has a name.')
  if (address === null) errors.add(['adminEmail'], 'This is no e-mail address.')
  if (name !== null && name.trim().length > 200) errors.add(['adminName'], 'This has 1 to 200 characters.')
  return name === null || address === null ? null : { name: name.trim(), email: address }
}
