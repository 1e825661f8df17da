import type { ClientSession } from 'mongoose'
import { createStateMachine } from '../../../kit/state-machine.ts'
import { checkTransition, checkVersion, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { App, AppStatus } from './apps.ts'

/** Every transition there is; ACTIVE to ACTIVE is an edit. */
const appStateMachine = createStateMachine<AppStatus>('app', { ACTIVE: ['ACTIVE', 'REVOKED'], REVOKED: [] })

/** An app to change. */
export interface AppToChange {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** The app that is to come into a state, or a refusal. */
export async function activeApp(
  context: PartnerContext,
  input: AppToChange,
  { session, to }: { readonly session: ClientSession; readonly to: AppStatus },
): Promise<App> {
  await requireRole(context, session, ['ADMIN', 'DEVELOPER'])
  const app = known(await context.models.apps.find(context.caller, session, input.id), 'app')
  checkVersion(app, input.expectedVersion)
  checkTransition(appStateMachine.refusal(app.status, to), ['id'])
  return app
}
