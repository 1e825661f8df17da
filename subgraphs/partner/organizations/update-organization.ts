import type { ClientSession } from 'mongoose'
import { checkExtraFields } from '../extra-fields/check-extra-fields.ts'
import type { ExtraFieldInput } from '../extra-fields/value-rules.ts'
import { checkVersion, createInputErrors, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import { partnerScopes } from './allowed-scopes.ts'
import { writeWithExternalId } from './apply-for-partnership.ts'
import { type ProfileInput, checkProfile, organizationWords } from './check-profile.ts'
import { organizationEvent } from './organization-events.ts'

export interface UpdateOrganizationInput extends ProfileInput {
  readonly id?: string | null
  readonly allowedScopes?: readonly string[] | null
  readonly extraFields?: readonly ExtraFieldInput[] | null
  readonly expectedVersion?: number | null
}

const operatorsFields = ['type', 'country', 'territories', 'externalId', 'allowedScopes'] as const

/** Changes what describes an organization. */
export async function updateOrganization(
  context: PartnerContext,
  input: UpdateOrganizationInput,
  session: ClientSession,
): Promise<string> {
  const { models, events, caller } = context
  await requireRole(context, session, ['ADMIN'])
  const found = await models.organizations.find(caller, session, input.id ?? caller.organizationId)
  const organization = known(found, 'organization')
  checkVersion(organization, input.expectedVersion)
  const errors = createInputErrors()
  if (!caller.operator) {
    for (const field of operatorsFields) {
      if (input[field] !== undefined) errors.add([field], 'The platform operator sets this.', 'OPERATOR_ONLY')
    }
  }
  const profile = checkProfile(input, errors)
  if (input.allowedScopes?.some((scope) => !partnerScopes.includes(scope))) {
    errors.add(['allowedScopes'], `A partner may have ${partnerScopes.join(', ')}.`, 'SCOPE_NOT_ALLOWED')
  }
  const extraFields = await checkExtraFields(context, session, {
    target: 'ORGANIZATION',
    stored: organization.extraFields,
    given: input.extraFields,
    errors,
  })
  errors.check()
  const { externalId: _before, ...rest } = { ...organization, ...profile }
  const externalId = input.externalId === null ? undefined : (profile.externalId ?? organization.externalId)
  const changed = await writeWithExternalId(async () => {
    if (input.externalId === null) await models.organizations.dropExternalId(session, organization._id)
    return models.organizations.change(session, organization, {
      ...profile,
      ...(input.allowedScopes === undefined ? {} : { allowedScopes: input.allowedScopes }),
      extraFields,
      words: organizationWords({ ...rest, externalId }),
    })
  })
  await events.append(session, organizationEvent('changed', changed))
  return organization._id
}
