import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JSONWebKeySet } from 'jose'
import type { Connection } from 'mongoose'
import type { Logger } from '../kit/log.ts'
import type { SecretPurpose } from '../kit/secrets.ts'
import { scopes } from '../schema/scopes.ts'
import { auditOfPerson, writeAudit } from '../storage/audit.ts'
import { demoMemberId, demoPassword } from './demo-login.ts'
import { createAccountSessions } from './account/sessions.ts'
import { type AskSubgraph, createDirectory } from './directory.ts'
import { createSupportedScopes } from './oauth/supported-scopes.ts'
import type { Logins } from './sign-in/logins.ts'
import { createSignUpDesk } from './sign-up/desk.ts'
import { createAuthModels, prepareAuth } from './store/models.ts'
import { createRevocations } from './store/revocations.ts'
import { createSeal } from './store/seal.ts'
import { type KeySet, createSigningKeys } from './store/signing-keys.ts'

/** How old the keys may be that a process signs with; rotation leaves an hour between publishing a key and its use. */
const keysBelievedMs = 60_000

export interface AuthServerOptions {
  readonly connection: Connection
  readonly ask: AskSubgraph
  readonly secretFor: (purpose: SecretPurpose) => Buffer
  /** The public origin of the server: `iss` of its tokens. Known once it listens. */
  readonly issuer: () => string
  /** Where the graph is, as people and as this process reach it; for the first call of those who sign up; empty where nobody said. */
  readonly graph: { readonly shown: () => string; readonly called: () => string }
  readonly log: Logger
  readonly now: () => Date
  /** Lets the demo's person sign in. */
  readonly demo: boolean
}

export interface AuthServer {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** The public keys that tokens may be signed with; none until the first request. */
  keys(): Promise<JSONWebKeySet>
  /** Ids of tokens and grants that were revoked lately. */
  revoked(): Promise<readonly string[]>
  /** The public origin: `iss` of its tokens. */
  issuer(): string
}

/** Where `handle` answers what `revoked` does, for gateways in other processes; ids say nothing to anybody else. */
const revocationsPath = '/oauth/revocations'

type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>

/** The authorization server, without anything that listens. Nothing is loaded or written before the first request. */
export function createAuthServer(options: AuthServerOptions): AuthServer {
  const { connection, secretFor, log, now } = options
  const models = createAuthModels(connection)
  const seal = createSeal(secretFor('auth-seal'))
  const audit = (done: Omit<Parameters<typeof auditOfPerson>[0], 'at'>): Promise<void> =>
    writeAudit(connection, [auditOfPerson({ at: now(), ...done })])
  const revocations = createRevocations(models, now, (credentialId) =>
    audit({ memberId: null, action: 'token-revocation', credentialId }),
  )
  const signingKeys = createSigningKeys({ models, seal, now })
  const directory = createDirectory(options.ask, secretFor('app-key-hash'))
  const cookieSecret = secretFor('auth-cookies')
  const ticketKey = secretFor('password-ticket')

  const open = async () => {
    await prepareAuth(models)
    const [{ loadOidcProvider }, { createProvider }, { useFront }, { createLogins }, { createAttemptLimit }] =
      await Promise.all([
        import('./oauth/load-oidc-provider.ts'),
        import('./oauth/create-provider.ts'),
        import('./oauth/front.ts'),
        import('./sign-in/logins.ts'),
        import('./sign-in/attempts.ts'),
      ])
    const oidc = await loadOidcProvider()
    const attempts = createAttemptLimit({ models, seal, now })
    const logins = createLogins({ models, attempts, audit, now })
    const sessions = createAccountSessions({ models, seal, now })
    const desk = createSignUpDesk(options.ask)
    const names = [...Object.keys(scopes), 'openid', 'offline_access']
    const supportedScopes = createSupportedScopes({ directory, scopes: names, log })
    if (options.demo) await seedDemoLogin(logins)
    return (keys: KeySet): Listener => {
      const issuer = options.issuer()
      const stored = { models, seal, revocations, directory, logins }
      const provider = createProvider({ oidc, issuer, keys, cookieSecret, ...stored })
      useFront(provider, {
        connection,
        ask: options.ask,
        graph: options.graph,
        desk,
        sessions,
        directory,
        logins,
        attempts,
        cookieSecret,
        ticketKey,
        now,
        supportedScopes,
      })
      provider.on('server_error', (_ctx: unknown, error: Error) => log.error({ err: error }, 'a sign-in failed'))
      // Of Koa, which would write to the console.
      const koa: NodeJS.EventEmitter = provider
      koa.on('error', (error: Error) => log.error({ err: error }, 'a sign-in failed'))
      return provider.callback()
    }
  }

  const seedDemoLogin = async (logins: Logins): Promise<void> => {
    const member = (await logins.changedAt(demoMemberId)) ? undefined : await directory.findMember(demoMemberId)
    if (member) await logins.set(demoMemberId, member.email, demoPassword(secretFor('demo-login')))
  }

  let opening: ReturnType<typeof open> | undefined
  let current: { readonly readAt: number; readonly version: string; readonly listener: Listener } | undefined
  const listener = async (): Promise<Listener> => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    const create = await opening
    if (current !== undefined && performance.now() - current.readAt < keysBelievedMs) return current.listener
    const keys = await signingKeys.current()
    const same = current?.version === keys.version ? current.listener : undefined
    current = { readAt: performance.now(), version: keys.version, listener: same ?? create(keys) }
    return current.listener
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === revocationsPath && request.method === 'GET') {
      const body = JSON.stringify({ revoked: await revocations.list() })
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body)
      return
    }
    const serve = await listener()
    await serve(request, response)
  }

  return {
    issuer: options.issuer,
    keys: () => signingKeys.published(),
    revoked: () => revocations.list(),
    async handle(request, response) {
      try {
        await answer(request, response)
      } catch (error) {
        log.error({ err: error }, 'a request to the authorization server failed')
        if (!response.headersSent) response.writeHead(503, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ error: 'temporarily_unavailable' }))
      }
    },
  }
}
