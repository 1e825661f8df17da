import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { refuse } from '../../../storage/mutate.ts'
import { heldScopes } from '../declared-scopes/grants.ts'
import { createInputErrors, known } from '../input.ts'
import { requireRole } from '../members/require-role.ts'
import { requireHeld } from '../members/role-scopes.ts'
import { allowedScopes } from '../organizations/allowed-scopes.ts'
import type { PartnerContext } from '../partner-context.ts'
import { credentialEvent } from './credential-events.ts'
import { credentialStatus } from './credential-status.ts'
import { type AppCredential, keyFor } from './credentials.ts'

export const mostLiveCredentials = 5
/** So many that no longer work are kept, so that a key which is rotated daily leaves no endless list. */
const mostEndedCredentials = 10

export interface CreateAppCredentialInput {
  readonly appId: string
  readonly label: string
  readonly expiresAt?: Date | null
}

/** Makes a key of an app and answers it with its credential's id; what is stored tells nobody the key. */
export async function createAppCredential(
  context: PartnerContext,
  input: CreateAppCredentialInput,
  { session, repeatable }: { readonly session: ClientSession; readonly repeatable: boolean },
): Promise<{ readonly id: string; readonly key: string }> {
  const { models, caller, events } = context
  await requireRole(context, session, ['ADMIN', 'DEVELOPER'])
  const now = context.now()
  const errors = createInputErrors()
  const label = errors.text(['label'], input.label, 100)
  const expiresAt = errors.future(['expiresAt'], input.expiresAt, now)
  errors.check()
  const app = known(await models.apps.find(caller, session, input.appId), 'app', 'appId')
  if (app.status !== 'ACTIVE') throw refuse('APP_REVOKED', ['input', 'appId'], 'The app is REVOKED, which is final.')
  const organization = known(await models.organizations.find(caller, session, app.organizationId), 'organization')
  const declared = await models.declaredScopes.all(session)
  const allowed = allowedScopes(organization, declared)
  const wanted = heldScopes(app, declared).filter((scope) => allowed.includes(scope))
  await requireHeld(context, session, { wanted, field: 'appId' })
  // Two keys made at once would each not count the other: by this write one of them conflicts and counts anew.
  await models.apps.touch(session, app._id)
  const former = await models.credentials.ofApp(session, app._id)
  const live = former.filter((credential) => credentialStatus(credential, now) === 'ACTIVE')
  if (live.length >= mostLiveCredentials) {
    const message = `An app has at most ${mostLiveCredentials} live keys; revoke one of them before.`
    throw refuse('TOO_MANY_CREDENTIALS', ['input', 'appId'], message)
  }
  const id = createId('AppCredential')
  const bytes = await models.oneTimeSecrets.make(session, id, { repeatable, now })
  const key = keyFor(app.environment, bytes)
  const credential: AppCredential = {
    _id: id,
    appId: app._id,
    organizationId: app.organizationId,
    ...models.credentials.stored(key),
    label,
    createdAt: now,
    expiresAt,
    revokedAt: null,
    lastUsedAt: null,
    lapsed: false,
    version: 1,
  }
  await models.credentials.insert(session, credential)
  const ended = former.filter((one) => !live.includes(one)).slice(mostEndedCredentials)
  if (ended.length > 0)
    await models.credentials.remove(
      session,
      ended.map(({ _id }) => _id),
    )
  await events.append(session, credentialEvent('created', credential))
  return { id, key }
}
