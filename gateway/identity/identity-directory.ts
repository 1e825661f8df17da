import { hashAppKey, isAppKey } from '../../kit/app-key.ts'
import { createCaller } from '../../kit/caller.ts'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import type { Identity } from '../request.ts'
import type { AccessTokens } from './access-token.ts'
import { type Answer, type BelievedAnswers, believedUntoldMs, createBelievedAnswers } from './believed-answers.ts'
import {
  type AppAnswer,
  type LimitsAnswer,
  type MemberAnswer,
  type SystemQuery,
  createCallerLookups,
} from './caller-lookups.ts'
import type { Credentials } from './credentials.ts'
import { type AttemptLimit, createFailedAttempts, defaultAttemptLimit } from './failed-attempts.ts'
import type { IdentityChanges, Subject } from './identity-changes.ts'
import type { IssuerTokens } from './issuer-tokens.ts'
import { type VerifiedToken, createVerifiedTokens } from './verified-tokens.ts'

export type { SystemQuery } from './caller-lookups.ts'

const rememberedCallers = 20_000

/** An identity with what ends it. */
export interface Recognised {
  readonly identity: Identity
  /** After whose changes it must be asked for again. */
  readonly subjects: readonly Subject[]
  /** When the key, token or consent ends, in milliseconds of the wall clock; null where none does. */
  readonly endsAt: number | null
}

/** At once where the caller is known. */
type Recognising = Recognised | Promise<Recognised>

/** The address that a client is counted by, worked out where it is needed. */
export type Client = () => string

export interface IdentityDirectory {
  /**
   * Throws UNAUTHENTICATED, without saying which part was wrong, and THROTTLED when too many credentials of the client
   * have failed and these are not known.
   */
  identify(credentials: Credentials | null, client?: Client): Promise<Identity>
  /** The same, with what ends it. */
  recognise(credentials: Credentials | null, client?: Client): Promise<Recognised>
  /** Throws when a token is no longer valid by itself; asks no subgraph. */
  verify(credentials: Credentials): Promise<void>
}

/**
 * Turns credentials into an identity by asking the partner and billing subgraphs, which own apps and plans, over
 * fields that no supergraph shows. How long answers are believed is in `believed-answers.ts`.
 */
export function createIdentityDirectory(options: {
  readonly query: SystemQuery
  readonly accessTokens: AccessTokens
  /** Tokens of the authorization server; null where this gateway knows none. */
  readonly issuerTokens: IssuerTokens | null
  readonly keyHashSecret: Uint8Array
  readonly changes: IdentityChanges
  readonly now: () => Date
  readonly nowMs: () => number
  readonly attemptLimit?: AttemptLimit
}): IdentityDirectory {
  const { changes, now, nowMs, keyHashSecret } = options
  const lookups = createCallerLookups(options.query)
  const tokens = createVerifiedTokens(options)
  const attempts = createFailedAttempts(options.attemptLimit ?? defaultAttemptLimit, nowMs)
  const believed = { most: rememberedCallers, changes, now, nowMs }
  const callers: BelievedAnswers<Who> = createBelievedAnswers(believed)
  const limits: BelievedAnswers<LimitsAnswer | null> = createBelievedAnswers(believed)

  async function lookUpCaller(appId: string, keyHash: string | null, token?: VerifiedToken): Promise<Answer<Who>> {
    const [app, member] = await Promise.all([
      lookups.app({ appId, keyHash, credentialId: token?.keyId ?? null }),
      token?.memberId ? lookups.member({ memberId: token.memberId, appId }) : undefined,
    ])
    if (!app || app.appStatus !== 'ACTIVE') throw unknownCaller()
    if (app.organizationStatus !== 'APPROVED') {
      throw new CodedError('UNAUTHENTICATED', 'The organization of this app is not active; contact the platform.')
    }
    const subjects = [`APP:${appId}`, `ORGANIZATION:${app.organizationId}`]
    for (const scope of app.declaredScopes) subjects.push(`SCOPE:${scope}`)
    const ends = [app.credentialExpiresAt, token?.expiresAt ?? null]
    if (member === undefined) return { value: { app, token }, subjects, endsAt: earliest(ends) }
    if (member?.status !== 'ACTIVE' || member.organizationStatus !== 'APPROVED' || member.consentedScopes === null) {
      throw new CodedError('UNAUTHENTICATED', 'The person does not let this app act any more.')
    }
    subjects.push(`MEMBER:${token?.memberId}`, `ORGANIZATION:${member.organizationId}`)
    return { value: { app, token, member }, subjects, endsAt: earliest([...ends, member.consentExpiresAt]) }
  }

  async function lookUpLimits(appId: string): Promise<Answer<LimitsAnswer | null>> {
    const value = await lookups.limits(appId)
    const subjects = [`APP:${appId}`]
    if (value) subjects.push(`PLAN:${value.planId}`, `ORGANIZATION:${value.organizationId ?? ''}`)
    // Quotas go on from what billing has counted, of which nobody is told.
    return { value, subjects, endsAt: null, ...(hasQuota(value) ? { mostMs: believedUntoldMs } : {}) }
  }

  // Whoever is known is recognised at once: a promise at each of these steps would cost more than the look-up.
  const recognise = (appId: string, key: string, token?: VerifiedToken, keyHash?: string): Recognising => {
    const who = callers.get(key, () => lookUpCaller(appId, keyHash ?? null, token))
    const allowed = limits.get(appId, () => lookUpLimits(appId))
    if (!(who instanceof Promise) && !(allowed instanceof Promise)) return recognised(who, allowed)
    return Promise.all([who, allowed]).then((answers) => recognised(...answers))
  }

  const recogniseToken = async (text: string, client: Client | undefined): Promise<Recognised> => {
    if (client !== undefined && !tokens.knows(text)) attempts.refuse(client())
    const verifying = tokens.verify(text)
    const token = verifying instanceof Promise ? await verifying : verifying
    if (client !== undefined && !callers.knows(token.id)) attempts.refuse(client())
    return recognise(token.appId, token.id, token)
  }
  const recogniseKey = (appId: string, key: string, client: Client | undefined): Recognising => {
    const keyHash = hashAppKey(keyHashSecret, key)
    const id = `${appId}:${keyHash}`
    if (!callers.knows(id)) {
      if (client !== undefined) attempts.refuse(client())
      // The checksum costs nothing, so a mistyped key never becomes a lookup. It is public: it keeps nobody out.
      if (!isAppKey(key)) throw unknownCaller()
    }
    return recognise(appId, id, undefined, keyHash)
  }
  const recogniseAny = (credentials: Credentials | null, client: Client | undefined): Recognising => {
    if (credentials === null) {
      throw new CodedError(
        'UNAUTHENTICATED',
        'Say who calls: send the headers x-tributary-app and x-tributary-key, or Authorization: Bearer <token>.',
      )
    }
    const failed = (error: unknown): never => {
      if (client !== undefined && isCodedError(error) && error.code === 'UNAUTHENTICATED') attempts.note(client())
      throw error
    }
    try {
      const found =
        credentials.kind === 'token'
          ? recogniseToken(credentials.token, client)
          : recogniseKey(credentials.appId, credentials.key, client)
      return found instanceof Promise ? found.catch(failed) : found
    } catch (error) {
      return failed(error)
    }
  }

  const directory: IdentityDirectory = {
    recognise: async (credentials, client) => recogniseAny(credentials, client),
    async identify(credentials, client) {
      const found = recogniseAny(credentials, client)
      return (found instanceof Promise ? await found : found).identity
    },
    async verify(credentials) {
      if (credentials.kind === 'token') await tokens.verify(credentials.token)
    },
  }
  return directory
}

/** What was looked up of a caller, and the identity that was made of it last. */
interface Who {
  readonly app: AppAnswer
  readonly token: VerifiedToken | undefined
  readonly member?: MemberAnswer
  made?: { readonly of: Answer<LimitsAnswer | null>; readonly recognised: Recognised }
}

function recognised(who: Answer<Who>, allowed: Answer<LimitsAnswer | null>): Recognised {
  const { value, endsAt } = who
  if (value.made?.of === allowed) return value.made.recognised
  const limits = allowed.value
  if (limits === null) throw new CodedError('PLAN_FORBIDS', 'This app has no plan; ask the platform to assign one.')
  const made = { identity: identityOf(value, limits), subjects: [...who.subjects, ...allowed.subjects], endsAt }
  value.made = { of: allowed, recognised: made }
  return made
}

function identityOf({ app, token, member }: Who, limits: LimitsAnswer): Identity {
  // Nobody lets an app do what they may not do themselves.
  const consented = member?.consentedScopes?.filter((scope) => member.roleScopes.includes(scope))
  const caller = createCaller({
    appId: app.appId,
    appName: app.appName,
    // Who acts for a person acts where the person belongs, whoever owns the app.
    organizationId: member?.organizationId ?? app.organizationId,
    environment: app.environment === 'LIVE' ? 'live' : 'sandbox',
    planId: limits.planId,
    scopes: [
      ...app.scopes.filter((scope) => (token?.scopes?.includes(scope) ?? true) && (consented?.includes(scope) ?? true)),
      // By the tier of the organization that is acted for; nobody grants them, so no token or consent names them.
      ...(member ?? app).tierScopes,
    ],
    operator: app.operator && (member?.operator ?? true),
    credentialId: token?.tokenId ?? app.credentialId ?? app.appId,
    ...(token?.endUserId ? { endUserId: token.endUserId } : {}),
  })
  return { caller, limits }
}

function hasQuota(limits: LimitsAnswer | null): boolean {
  if (limits === null) return false
  return limits.dailyCalls !== null || limits.monthlyCalls !== null || limits.organization?.monthlyCalls != null
}

function earliest(moments: readonly (number | null)[]): number | null {
  const known = moments.filter((moment) => moment !== null)
  return known.length === 0 ? null : Math.min(...known)
}

function unknownCaller(): CodedError {
  return new CodedError('UNAUTHENTICATED', 'The app id or key is not valid.')
}
