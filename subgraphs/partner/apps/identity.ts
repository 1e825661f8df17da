import type { AppCredential } from '../credentials/credentials.ts'
import { credentialStatus, startOfHour } from '../credentials/credential-status.ts'
import { heldScopes } from '../declared-scopes/grants.ts'
import { allowedScopes } from '../organizations/allowed-scopes.ts'
import type { PartnerContext } from '../partner-context.ts'
import { scopesOfTier } from '../tiers/tier-scopes.ts'
import { clientTypeOf } from './apps.ts'

/** Who an app is, as gateways need it. */
export interface AppIdentity {
  readonly appId: string
  readonly appName: string
  readonly organizationId: string
  readonly organizationName: string
  readonly organizationStatus: string
  readonly environment: string
  readonly operator: boolean
  readonly scopes: readonly string[]
  readonly tierScopes: readonly string[]
  readonly declaredScopes: readonly string[]
  readonly appStatus: string
  readonly credentialId: string | null
  readonly credentialExpiresAt: Date | null
  readonly clientType: string
  readonly redirectUris: readonly string[]
}

export interface AppIdentityArgs {
  readonly appId: string
  readonly keyHash?: string | null
  readonly credentialId?: string | null
}

/** Finds an app and, when a key hash is given, the live credential that it belongs to; null when either is missing. */
export async function identifyApp(
  { loaders, models, now }: Pick<PartnerContext, 'loaders' | 'models' | 'now'>,
  { appId, keyHash, credentialId: named }: AppIdentityArgs,
): Promise<AppIdentity | null> {
  const app = await loaders.apps.load(appId)
  if (app === null) return null
  const organization = await loaders.organizations.load(app.organizationId)
  if (organization === null) return null
  const got = named == null ? null : await liveCredential({ loaders, now }, appId, named)
  if (named != null && got === null) return null
  const shown = keyHash == null ? null : await findLiveCredential({ models, now }, appId, keyHash)
  if (keyHash != null && shown === null) return null
  const declared = app.grants?.length ? await loaders.allDeclaredScopes() : []
  const allowed = new Set(allowedScopes(organization, declared))
  return {
    appId,
    appName: app.name,
    organizationId: organization._id,
    organizationName: organization.name,
    organizationStatus: organization.status,
    environment: app.environment,
    operator: organization.operator,
    // What the organization may no longer grant, its apps have lost.
    scopes: heldScopes(app, declared).filter((scope) => allowed.has(scope)),
    tierScopes: await scopesOfTier({ loaders }, organization),
    declaredScopes: declared.filter(({ _id }) => app.grants?.includes(_id)).map(({ name }) => name),
    appStatus: app.status,
    credentialId: shown?._id ?? null,
    credentialExpiresAt: earlier(shown?.expiresAt ?? null, got?.expiresAt ?? null),
    clientType: clientTypeOf(app),
    redirectUris: app.redirectUris,
  }
}

async function findLiveCredential(
  { models, now }: Pick<PartnerContext, 'models' | 'now'>,
  appId: string,
  keyHash: string,
): Promise<AppCredential | null> {
  const credential = await models.credentials.findByKeyHash(appId, keyHash)
  if (credential === null || credentialStatus(credential, now()) !== 'ACTIVE') return null
  const hour = startOfHour(now())
  if (credential.lastUsedAt === null || credential.lastUsedAt < hour) {
    await models.credentials.markUsed(credential._id, hour)
  }
  return credential
}

async function liveCredential(
  { loaders, now }: Pick<PartnerContext, 'loaders' | 'now'>,
  appId: string,
  credentialId: string,
): Promise<AppCredential | null> {
  const credential = await loaders.credentials.load(credentialId)
  return credential?.appId === appId && credentialStatus(credential, now()) === 'ACTIVE' ? credential : null
}

function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other
  return one < other ? one : other
}
