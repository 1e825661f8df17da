import type { ClientSession } from 'mongoose'
import { checkReason } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type AppToChange, activeApp } from './active-app.ts'
import { appEvent } from './app-events.ts'

export interface RevokeAppInput extends AppToChange {
  readonly reason?: string | null
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
