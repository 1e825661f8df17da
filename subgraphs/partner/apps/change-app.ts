import type { ClientSession } from 'mongoose'
import { createStateMachine } from '../../../kit/state-machine.ts'
import { searchWords } from '../../../storage/search.ts'
import { checkExtraFields } from '../extra-fields/check-extra-fields.ts'
import type { ExtraFieldInput } from '../extra-fields/value-rules.ts'
import { checkReason, checkTransition, checkVersion, createInputErrors, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import { appEvent } from './app-events.ts'
import type { App, AppStatus } from './apps.ts'
import { type AppInput, checkApp } from './check-app.ts'

/** Every transition there is; ACTIVE to ACTIVE is an edit. */
const appStateMachine = createStateMachine<AppStatus>('app', { ACTIVE: ['ACTIVE', 'REVOKED'], REVOKED: [] })

export interface UpdateAppInput extends AppInput {
  readonly id: string
  readonly extraFields?: readonly ExtraFieldInput[] | null
  readonly expectedVersion?: number | null
}

export interface RevokeAppInput {
  readonly id: string
  readonly reason?: string | null
  readonly expectedVersion?: number | null
}

/** Changes an app. */
export async function updateApp(context: PartnerContext, input: UpdateAppInput, session: ClientSession) {
  const { models, caller, events } = context
  const app = await activeApp(context, input, { session, to: 'ACTIVE' })
  const organization = known(await models.organizations.find(caller, session, app.organizationId), 'organization')
  const errors = createInputErrors()
  const changes = checkApp(input, organization, errors)
  const given = { target: 'APP', stored: app.extraFields, given: input.extraFields, errors } as const
  const extraFields = await checkExtraFields(context, session, given)
  errors.check()
  const { name, description } = { ...app, ...changes }
  const words = searchWords(name, description)
  const changed = await models.apps.change(session, app, { ...changes, extraFields, words })
  await events.append(session, appEvent('changed', changed))
  return app._id
}

/** Shuts an app out for good. Its keys need no write of their own: the app's status shuts them out. */
export async function revokeApp(context: PartnerContext, input: RevokeAppInput, session: ClientSession) {
  const reason = checkReason(input.reason, false)
  const app = await activeApp(context, input, { session, to: 'REVOKED' })
  const changes = { status: 'REVOKED', revokedAt: context.now(), revokedReason: reason } as const
  const changed = await context.models.apps.change(session, app, changes)
  await context.events.append(session, appEvent('revoked', changed))
  return app._id
}

async function activeApp(
  context: PartnerContext,
  input: RevokeAppInput,
  { session, to }: { readonly session: ClientSession; readonly to: AppStatus },
): Promise<App> {
  await requireRole(context, session, ['ADMIN', 'DEVELOPER'])
  const app = known(await context.models.apps.find(context.caller, session, input.id), 'app')
  checkVersion(app, input.expectedVersion)
  checkTransition(appStateMachine.refusal(app.status, to), ['id'])
  return app
}
