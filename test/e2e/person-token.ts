import { createHash, randomBytes } from 'node:crypto'
import { createVisitor } from '../auth/visitor.ts'
import type { AppCredentials } from './product.ts'

/** Where an app of `personToken` is sent back to; nobody listens there. */
export const redirectUri = 'http://127.0.0.1:8976/callback'

/** Basic authentication of an app at the authorization server. */
export function basic({ appId, key }: AppCredentials): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${appId}:${key}`).toString('base64')}` }
}

/** A token of an app for itself. */
export async function appToken(auth: string, app: AppCredentials, scope: string): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', scope })
  return accessToken(await fetch(`${auth}/oauth/token`, { method: 'POST', body, headers: basic(app) }))
}

/** A token of an app for a person, who signs in and consents to what is asked. */
export async function personToken(
  auth: string,
  app: AppCredentials,
  wanted: { readonly scope: string; readonly email: string; readonly password: string },
): Promise<string> {
  // Cookies belong to the name under which the server knows itself.
  const metadata = (await (await fetch(`${auth}/.well-known/oauth-authorization-server`)).json()) as { issuer: string }
  const visitor = createVisitor(metadata.issuer)
  const verifier = randomBytes(32).toString('base64url')
  const asked = new URLSearchParams({
    client_id: app.appId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: wanted.scope,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  let stop = await visitor.open(`${metadata.issuer}/oauth/authorize?${asked.toString()}`)
  const { email, password } = wanted
  if (stop.html.includes('id="password"')) stop = await visitor.submit(stop, { email, password, action: 'sign-in' })
  if (stop.left === null) stop = await visitor.submit(stop, { action: 'allow' })
  const code = stop.left?.searchParams.get('code')
  if (code == null) throw new Error(`no code: ${stop.status} ${stop.url} ${stop.html}`)
  const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
  const body = new URLSearchParams(grant)
  return accessToken(await fetch(`${metadata.issuer}/oauth/token`, { method: 'POST', body, headers: basic(app) }))
}

async function accessToken(response: Response): Promise<string> {
  const answer = (await response.json()) as { access_token?: string }
  if (answer.access_token === undefined) throw new Error(`no token: ${JSON.stringify(answer)}`)
  return answer.access_token
}
