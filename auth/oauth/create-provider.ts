import { createHmac } from 'node:crypto'
import type { Adapter, Configuration, Provider } from 'oidc-provider'
import type { Directory } from '../directory.ts'
import { messagePage } from '../pages/message-page.ts'
import type { Logins } from '../sign-in/logins.ts'
import type { AuthModels } from '../store/models.ts'
import { createOidcAdapter } from '../store/oidc-adapter.ts'
import type { Revocations } from '../store/revocations.ts'
import type { Seal } from '../store/seal.ts'
import type { KeySet } from '../store/signing-keys.ts'
import { clientMetadata } from './clients.ts'
import { devicePages } from './device-flow.ts'
import { paths } from './paths.ts'
import { accessTokenSeconds, createGraphResource, graphResource, signInScopes } from './graph-resource.ts'
import { admitAccessToken } from './revoke-access-token.ts'

const minute = 60
const day = 24 * 60 * minute

export interface ProviderDependencies {
  readonly oidc: typeof import('oidc-provider')
  readonly issuer: string
  readonly keys: KeySet
  readonly models: AuthModels
  readonly seal: Seal
  readonly revocations: Revocations
  readonly directory: Directory
  readonly logins: Pick<Logins, 'changedAt'>
  readonly cookieSecret: Buffer
}

/** oidc-provider as this installation uses it. The issuer is the origin, so that discovery is where clients look. */
export function createProvider(dependencies: ProviderDependencies): Provider {
  const { oidc, issuer, directory } = dependencies
  const provider = new oidc.Provider(issuer, configurationOf(dependencies))
  // The secret of an app is any of its live keys, which partner knows by hash.
  provider.Client.prototype.compareClientSecret = async function compare(this: { clientId: string }, secret: string) {
    const credentialId = await directory.credentialOf(this.clientId, secret)
    const context = oidc.Provider.ctx
    if (context && credentialId !== undefined) context.state['credentialId'] = credentialId
    return credentialId !== undefined
  }
  // Letter by letter: oidc-provider lets the port of a loopback address differ for native apps.
  provider.Client.prototype.redirectUriAllowed = isRegistered
  // Behind a proxy that ends TLS; of the addresses that it names, the one that it has seen itself.
  provider.proxy = issuer.startsWith('https:')
  provider.maxIpsCount = 1
  return provider
}

function isRegistered(this: { redirectUris?: readonly string[] }, uri: string): boolean {
  return this.redirectUris?.includes(uri) === true
}

function configurationOf(dependencies: ProviderDependencies): Configuration {
  const { oidc, issuer, keys, models, seal, revocations, directory, logins, cookieSecret } = dependencies
  const secure = issuer.startsWith('https:')
  const adapterOf = (kind: string): Adapter => {
    const adapter = createOidcAdapter(kind, {
      models,
      seal,
      revocations,
      reuseError: () => new oidc.errors.InvalidGrant('already used'),
    })
    return kind === 'Client' ? { ...adapter, find: findClient } : adapter
  }
  const findClient: Adapter['find'] = async (appId) => {
    const app = await directory.findApp(appId)
    const context = oidc.Provider.ctx
    if (context?.oidc.route === 'revocation') {
      await admitAccessToken(context.oidc.provider, context.oidc.params ?? {}, keys.publicJwks)
    }
    if (app === undefined) return undefined
    return clientMetadata(app, createHmac('sha256', cookieSecret).update(appId).digest('base64url'))
  }
  const policy = oidc.interactionPolicy.base()
  policy
    .get('consent')
    ?.checks.add(
      new oidc.interactionPolicy.Check(
        'public_client',
        'anybody can pose as this app',
        'interaction_required',
        (ctx) => ctx.oidc.client?.clientAuthMethod === 'none' && !ctx.oidc.result?.consent,
      ),
    )

  policy.get('login')?.checks.add(
    new oidc.interactionPolicy.Check(
      'password_changed',
      'a new password ends what was begun with the one before',
      'login_required',
      async ({ oidc: { session } }) => {
        if (session?.accountId === undefined || session.loginTs === undefined) return false
        const changedAt = await logins.changedAt(session.accountId)
        // Whole seconds: who signs in within the second of the change has done so after it.
        return changedAt !== null && changedAt.getTime() >= (session.loginTs + 1) * 1_000
      },
    ),
  )

  return {
    adapter: adapterOf,
    jwks: keys.jwks,
    scopes: [...signInScopes],
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    extraClientMetadata: { properties: ['organization_name', 'graph_scopes'] },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    cookies: {
      names: { session: 'trb_session', interaction: 'trb_interaction', resume: 'trb_resume' },
      keys: [cookieSecret.toString('base64url')],
      long: { httpOnly: true, sameSite: 'lax', signed: true, secure },
      short: { httpOnly: true, sameSite: 'lax', signed: true, secure },
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      clientCredentials: { enabled: true },
      // Anybody else's token is as good as unknown (RFC 7009, section 2.1).
      revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
      deviceFlow: { enabled: true, ...devicePages() },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => graphResource,
        useGrantedResource: async () => true,
        getResourceServerInfo: graphResourceOf(dependencies),
      },
    },
    routes: {
      authorization: paths.authorization,
      token: paths.token,
      jwks: '/oauth/jwks',
      revocation: paths.revocation,
      device_authorization: '/oauth/device/code',
      code_verification: paths.device,
      end_session: '/oauth/sign-out',
    },
    interactions: { policy, url: async (_ctx, interaction) => `${paths.interaction}/${interaction.uid}` },
    async findAccount(_ctx, memberId, source) {
      // A token that was given to an app lives only as long as the person's consent.
      const appId = source && 'clientId' in source ? source.clientId : undefined
      const member = await directory.findMember(memberId, appId)
      if (member === undefined || (appId !== undefined && member.consentedScopes === null)) return undefined
      return { accountId: memberId, claims: async () => ({ sub: memberId }) }
    },
    async loadExistingGrant(ctx) {
      const { client, session, result, account } = ctx.oidc
      if (client === undefined || session === undefined || account === undefined) return undefined
      const grantId = result?.consent?.grantId ?? session.grantIdFor(client.clientId)
      if (grantId === undefined) return undefined
      const member = await directory.findMember(account.accountId, client.clientId)
      const grant = member?.consentedScopes ? await ctx.oidc.provider.Grant.find(grantId) : undefined
      // What the person allows no more, or what was withdrawn and declared anew since, is asked for again.
      const granted = grant?.getResourceScope(graphResource).split(' ').filter(Boolean) ?? []
      return granted.every((scope) => member?.consentedScopes?.includes(scope)) ? grant : undefined
    },
    // Of what a token hangs, so that it falls with it: the person's grant, and the key that the app used.
    async extraTokenClaims(ctx, token) {
      const { credentialId } = ctx.state as { credentialId?: string }
      return { gid: token.kind === 'AccessToken' ? token.grantId : undefined, cred: credentialId }
    },
    rotateRefreshToken: () => true,
    clientBasedCORS: (_ctx, origin, client) =>
      client.clientAuthMethod === 'none' && (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      AuthorizationCode: minute,
      DeviceCode: 10 * minute,
      IdToken: accessTokenSeconds,
      Interaction: 30 * minute,
      Session: 12 * 60 * minute,
      Grant: 180 * day,
      // Of a public app the whole chain of refresh tokens ends then, of another each token that is not used.
      RefreshToken: (ctx, _token, client) => {
        const rotated = ctx.oidc.entities.RotatedRefreshToken
        return rotated && client.clientAuthMethod === 'none' ? Math.max(1, rotated.remainingTTL) : 30 * day
      },
    },
    renderError(ctx, out) {
      ctx.type = 'html'
      ctx.body = messagePage(
        'This did not work',
        out.error_description ?? 'Something went wrong on our side.',
        `${out.error}. Go back to the app and begin again.`,
      )
    },
  }
}

function graphResourceOf({ oidc, keys }: ProviderDependencies) {
  const infoOf = createGraphResource({ errors: oidc.errors, signWith: { alg: 'ES256', kid: keys.signing.ES256 } })
  return async (
    { oidc: { params } }: { oidc: { params?: Record<string, unknown> | undefined } },
    resource: string,
    client: object,
  ) => infoOf({ client, params: params ?? {}, resource })
}
