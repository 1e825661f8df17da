import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import { searchWords } from '../../../storage/search.ts'
import { declaredFor, toGrants } from '../declared-scopes/grants.ts'
import { checkExtraFields } from '../extra-fields/check-extra-fields.ts'
import type { ExtraFieldInput } from '../extra-fields/value-rules.ts'
import { createInputErrors, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import { requireHeld } from '../members/role-scopes.ts'
import type { PartnerContext } from '../partner-context.ts'
import { appEvent } from './app-events.ts'
import type { App, AppClientType, AppEnvironment } from './apps.ts'
import { checkApp } from './check-app.ts'

/** Of one organization, revoked ones not counted. */
const mostActiveApps = 100

export interface RegisterAppInput {
  readonly organizationId?: string | null
  readonly name: string
  readonly description?: string | null
  readonly environment: AppEnvironment
  readonly scopes: readonly string[]
  readonly redirectUris?: readonly string[] | null
  readonly clientType?: AppClientType | null
  readonly extraFields?: readonly ExtraFieldInput[] | null
}

/** Registers an app of an approved organization. */
export async function registerApp(context: PartnerContext, input: RegisterAppInput, session: ClientSession) {
  const { models, caller, events } = context
  await requireRole(context, session, ['ADMIN', 'DEVELOPER'])
  const organizationId = input.organizationId ?? caller.organizationId
  const found = await models.organizations.find(caller, session, organizationId)
  const organization = known(found, 'organization', 'organizationId')
  if (organization.status !== 'APPROVED') {
    const message = `The organization is ${organization.status}; only one that is APPROVED has apps.`
    throw refuse('ORGANIZATION_NOT_ACTIVE', ['input', 'organizationId'], message)
  }
  const declared = declaredFor(input.environment, await models.declaredScopes.all(session))
  const errors = createInputErrors()
  const {
    name = '',
    description = '',
    scopes = [],
    redirectUris = [],
  } = checkApp(input, { organization, declared }, errors)
  const given = { target: 'APP', stored: [], given: input.extraFields, errors } as const
  const extraFields = await checkExtraFields(context, session, given)
  errors.check()
  await requireHeld(context, session, { wanted: scopes, field: 'scopes' })
  await models.organizations.touch(session, organizationId)
  if ((await models.apps.countActive(session, organizationId)) >= mostActiveApps) {
    throw refuse('TOO_MANY', null, `An organization has at most ${mostActiveApps} apps; revoke one that is not used.`)
  }
  const app: App = {
    _id: createId('App'),
    organizationId,
    name,
    description,
    environment: input.environment,
    status: 'ACTIVE',
    ...toGrants(scopes, declared),
    redirectUris,
    clientType: input.clientType ?? 'CONFIDENTIAL',
    extraFields,
    words: searchWords(name, description),
    revokedAt: null,
    revokedReason: null,
    revision: 0,
    createdAt: context.now(),
    version: 1,
  }
  await models.apps.insert(session, app)
  await events.append(session, appEvent('created', app))
  return app._id
}
