import type { ClientSession } from 'mongoose'
import { searchWords } from '../../../storage/search.ts'
import { declaredFor, heldScopes, toGrants } from '../declared-scopes/grants.ts'
import { checkExtraFields } from '../extra-fields/check-extra-fields.ts'
import type { ExtraFieldInput } from '../extra-fields/value-rules.ts'
import { createInputErrors, known } from '../input.ts'
import { requireHeld } from '../members/role-scopes.ts'
import { allowedScopes } from '../organizations/allowed-scopes.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type AppToChange, activeApp } from './active-app.ts'
import { appEvent } from './app-events.ts'
import { type AppInput, checkApp } from './check-app.ts'

export interface UpdateAppInput extends AppInput, AppToChange {
  readonly extraFields?: readonly ExtraFieldInput[] | null
}

/** Changes an app. */
export async function updateApp(context: PartnerContext, input: UpdateAppInput, session: ClientSession) {
  const { models, caller, events } = context
  const app = await activeApp(context, input, { session, to: 'ACTIVE' })
  const organization = known(await models.organizations.find(caller, session, app.organizationId), 'organization')
  const declared = declaredFor(app.environment, await models.declaredScopes.all(session))
  const errors = createInputErrors()
  const { scopes, ...changes } = checkApp(input, { organization, declared }, errors)
  const given = { target: 'APP', stored: app.extraFields, given: input.extraFields, errors } as const
  const extraFields = await checkExtraFields(context, session, given)
  errors.check()
  const held = heldScopes(app, declared)
  const added = (scopes ?? []).filter((scope) => !held.includes(scope))
  await requireHeld(context, session, { wanted: added, field: 'scopes' })
  if (changes.redirectUris?.some((uri) => !app.redirectUris.includes(uri))) {
    // People's codes go there, which are worth what the app may do.
    const allowed = allowedScopes(organization, declared)
    const wanted = held.filter((scope) => allowed.includes(scope))
    await requireHeld(context, session, { wanted, field: 'redirectUris' })
  }
  const { name, description } = { ...app, ...changes }
  const words = searchWords(name, description)
  const changed = await models.apps.change(session, app, {
    ...changes,
    ...(scopes ? toGrants(scopes, declared) : {}),
    extraFields,
    words,
  })
  await events.append(session, appEvent('changed', changed))
  return app._id
}
