import { setTimeout as pause } from 'node:timers/promises'
import { UnreachableError, reasonOf } from './graph-client.ts'

/** Where an installation's authorization server answers (RFC 8414). */
export interface AuthorizationServer {
  readonly token: string
  readonly deviceCodes: string
  readonly revocation: string
}

/** Tokens of a person; `expiresAt` is in milliseconds since 1970. */
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string | null
  readonly expiresAt: number
  readonly scope: string
}

/** A code that a person enters on a page, where it is told what the app may do (RFC 8628). */
export interface DeviceCode {
  readonly deviceCode: string
  readonly userCode: string
  readonly page: string
  /** The same page with the code filled in. */
  readonly pageWithCode: string
  readonly everySeconds: number
  readonly expiresInSeconds: number
}

/** The authorization server has refused; `code` is its `error`, such as `access_denied`. */
export class SignInError extends Error {
  override readonly name = 'SignInError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const deadlineMs = 15_000

/** Finds the authorization server of an installation. */
export async function findAuthorizationServer(origin: string, signal: AbortSignal): Promise<AuthorizationServer> {
  const url = `${origin}/.well-known/oauth-authorization-server`
  const metadata = await ask(url, { signal })
  const endpoint = (name: string): string => {
    const value = metadata[name]
    if (typeof value === 'string' && URL.canParse(value)) return value
    throw new UnreachableError(`${url} names no ${name}. Is this a Tributary?`)
  }
  return {
    token: endpoint('token_endpoint'),
    deviceCodes: endpoint('device_authorization_endpoint'),
    revocation: endpoint('revocation_endpoint'),
  }
}

/** Begins a sign-in on a device. */
export async function requestDeviceCode(
  server: AuthorizationServer,
  wanted: { readonly clientId: string; readonly scope: string; readonly signal: AbortSignal },
): Promise<DeviceCode> {
  const answer = await post(server.deviceCodes, { client_id: wanted.clientId, scope: wanted.scope }, wanted.signal)
  const { verification_uri: page, verification_uri_complete: withCode } = answer
  if (typeof page !== 'string') throw new UnreachableError('The authorization server answered no code.')
  return {
    deviceCode: String(answer['device_code']),
    userCode: String(answer['user_code']),
    page,
    pageWithCode: typeof withCode === 'string' ? withCode : page,
    everySeconds: Number(answer['interval'] ?? 5),
    expiresInSeconds: Number(answer['expires_in'] ?? 600),
  }
}

/** Waits until the person has decided. Throws SignInError when it has refused or its time is over. */
export async function awaitTokens(
  server: AuthorizationServer,
  code: DeviceCode,
  { clientId, signal }: { readonly clientId: string; readonly signal: AbortSignal },
): Promise<Tokens> {
  let seconds = code.everySeconds
  for (;;) {
    // Each turn waits for the one before: asking sooner is refused.
    await pause(seconds * 1000, undefined, { signal })
    try {
      const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: code.deviceCode }
      return tokensOf(await post(server.token, { client_id: clientId, ...grant }, signal))
    } catch (error) {
      if (!(error instanceof SignInError)) throw error
      if (error.code === 'slow_down') seconds += 5
      else if (error.code !== 'authorization_pending') throw error
    }
  }
}

/** New tokens for a refresh token, which works once. */
export async function refreshTokens(
  server: AuthorizationServer,
  { clientId, refreshToken, signal }: { clientId: string; refreshToken: string; signal: AbortSignal },
): Promise<Tokens> {
  const grant = { grant_type: 'refresh_token', refresh_token: refreshToken }
  return tokensOf(await post(server.token, { client_id: clientId, ...grant }, signal))
}

/** Ends a sign-in with all its tokens. */
export async function revokeTokens(
  server: AuthorizationServer,
  { clientId, refreshToken, signal }: { clientId: string; refreshToken: string; signal: AbortSignal },
): Promise<void> {
  await post(server.revocation, { client_id: clientId, token: refreshToken }, signal)
}

type Answer = Readonly<Record<string, unknown>>

function tokensOf(answer: Answer): Tokens {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn, scope } = answer
  if (typeof accessToken !== 'string') throw new UnreachableError('The authorization server answered no token.')
  return {
    accessToken,
    refreshToken: typeof refreshToken === 'string' ? refreshToken : null,
    expiresAt: Date.now() + Number(expiresIn ?? 0) * 1000,
    scope: typeof scope === 'string' ? scope : '',
  }
}

function post(url: string, fields: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
  return ask(url, { method: 'POST', body: new URLSearchParams(fields), signal })
}

async function ask(url: string, init: RequestInit & { readonly signal: AbortSignal }): Promise<Answer> {
  const signal = AbortSignal.any([init.signal, AbortSignal.timeout(deadlineMs)])
  const response = await fetch(url, { ...init, signal }).catch((error: unknown) => {
    init.signal.throwIfAborted()
    throw new UnreachableError(`No answer from ${url}: ${reasonOf(error)}. Is the server running?`)
  })
  const text = await response.text()
  const answer = parseObject(text)
  if (response.ok && (answer !== null || text === '')) return answer ?? {}
  const { error, error_description: description } = answer ?? {}
  if (typeof error !== 'string') throw new UnreachableError(`${url} answered ${response.status}, but no token.`)
  throw new SignInError(error, typeof description === 'string' ? description : error)
}

function parseObject(text: string): Answer | null {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? (json as Answer) : null
  } catch {
    return null
  }
}
