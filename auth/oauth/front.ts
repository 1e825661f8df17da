import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { messagePage } from '../pages/message-page.ts'
import { pageHeaders } from '../pages/page.ts'
import { type PageDependencies, pageAt } from '../pages-front.ts'
import { answerPassword } from '../sign-in/answer-password.ts'
import type { PageAnswer } from '../web-page.ts'
import { paths } from './paths.ts'
import { answerInteraction } from './interactions.ts'
import { readForm } from './read-form.ts'
import type { SupportedScopes } from './supported-scopes.ts'

type Context = Parameters<Parameters<Provider['use']>[0]>[0]
type Next = () => Promise<unknown>

const mostDeviceCodes = 30
const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** What comes before oidc-provider: headers of every answer, our pages, and requests that are completed or refused. */
export function useFront(
  provider: Provider,
  dependencies: PageDependencies & { readonly supportedScopes: SupportedScopes },
): void {
  const { attempts } = dependencies
  const interactions = async (ctx: Context): Promise<void> => {
    const { req, res, ip: address } = ctx
    if (ctx.method !== 'GET' && ctx.method !== 'POST') return
    const form = ctx.method === 'POST' ? await readForm(req) : null
    const answer = await answerInteraction({ provider, ...dependencies }, { req, res, form, address })
    if (answer.kind === 'redirect') {
      ctx.status = 303
      ctx.set('location', answer.to)
      return
    }
    ctx.set(pageHeaders(answer.formTargets))
    ctx.status = answer.status
    ctx.type = 'html'
    ctx.body = answer.body
  }

  const password = async (ctx: Context): Promise<void> => {
    const form = ctx.method === 'POST' ? await readForm(ctx.req) : null
    const { ticket } = ctx.query
    const given = form?.get('ticket') ?? (typeof ticket === 'string' ? ticket : '')
    const { status, body } = await answerPassword(dependencies, { ticket: given, form })
    ctx.status = status
    ctx.type = 'html'
    ctx.body = body
  }

  provider.use(async (ctx: Context, next: Next) => {
    ctx.set(pageHeaders())
    const elsewhere = sameOnIssuer(ctx, provider.issuer)
    if (elsewhere !== undefined) {
      ctx.status = 307
      ctx.set('location', elsewhere)
      return
    }
    takeIssuersName(ctx, provider.issuer)
    if (ctx.method === 'POST' && isPage(ctx.path)) {
      // Where browsers say so, a form of another site is refused before anything is read.
      const from = ctx.get('sec-fetch-site')
      if (from !== '' && from !== 'same-origin' && from !== 'none') return refuse(ctx, 403, 'The form was not ours.')
      if (ctx.path === paths.device && !(await attempts.admit(`device ${ctx.ip}`, mostDeviceCodes))) {
        return refuse(ctx, 429, 'Too many attempts. Try again in a quarter of an hour.')
      }
    }
    if (ctx.path.startsWith(`${paths.interaction}/`)) return interactions(ctx)
    if (ctx.path === paths.password) return password(ctx)
    const answer = pageAt(ctx.path, dependencies)
    if (answer !== undefined && (ctx.method === 'GET' || ctx.method === 'POST')) {
      const form = ctx.method === 'POST' ? await readForm(ctx.req) : null
      const query = new URLSearchParams(ctx.querystring)
      const cookie = (name: string) => ctx.cookies.get(name, { signed: false })
      return send(ctx, await answer({ path: ctx.path, query, form, address: ctx.ip, cookie }))
    }
    completeQuery(ctx)
    await next()
    const { oidc } = ctx as Partial<KoaContextWithOIDC>
    if (oidc?.route === 'discovery' && typeof ctx.body === 'object' && ctx.body !== null) {
      const { names, current } = await dependencies.supportedScopes()
      ctx.set('cache-control', current ? 'public, max-age=300' : 'no-cache')
      ctx.body = { ...ctx.body, scopes_supported: names }
    }
    if (oidc?.route === 'jwks') ctx.set('cache-control', 'public, max-age=300')
  })
}

function isPage(path: string): boolean {
  return pagePaths.some((page) => path === page || path.startsWith(`${page}/`))
}

const pagePaths = [
  paths.device,
  paths.password,
  paths.interaction,
  paths.apply,
  paths.forgotten,
  paths.invitation,
  paths.account,
]

function send(ctx: Context, answer: PageAnswer): void {
  const secure = ctx.req.headers['x-forwarded-proto'] === 'https'
  for (const { name, value, path, maxAgeMs: maxAge } of answer.cookies ?? []) {
    ctx.cookies.set(name, value, { path, maxAge, secure, httpOnly: true, sameSite: 'lax', signed: false })
  }
  if ('to' in answer) {
    ctx.status = 303
    ctx.set('location', answer.to)
    return
  }
  ctx.status = answer.status
  ctx.type = 'html'
  ctx.body = answer.body
}

function refuse(ctx: Context, status: number, text: string): void {
  ctx.status = status
  ctx.type = 'html'
  ctx.body = messagePage('This did not work', text)
}

/**
 * oidc-provider builds its addresses from the request. Here they are the issuer's, whatever name a request or a proxy
 * has used, so that nobody's Host header becomes an endpoint in our metadata; and cookies are for TLS where it has TLS.
 */
function takeIssuersName({ req }: Context, issuer: string): void {
  const { host, protocol } = new URL(issuer)
  req.headers.host = host
  req.headers['x-forwarded-proto'] = protocol.slice(0, -1)
  delete req.headers['x-forwarded-host']
}

/** Cookies are of one host name: who came by another name of this machine goes on under the issuer's. */
function sameOnIssuer({ method, path, hostname, url }: Context, issuer: string): string | undefined {
  if (method !== 'GET' || !(path === paths.authorization || isPage(path))) return undefined
  const name = new URL(issuer).hostname
  return hostname !== name && loopback.has(hostname) && loopback.has(name) ? `${issuer}${url}` : undefined
}

/**
 * A client that asks for refresh tokens gets the consent page for it (OpenID Connect, section 11) without having to say
 * so; and the link of a device's code fills the form in instead of sending it by a script.
 */
function completeQuery(ctx: Context): void {
  if (ctx.method !== 'GET') return
  const { scope, prompt, user_code: userCode, ...rest } = ctx.query
  if (ctx.path === paths.authorization && typeof scope === 'string' && prompt === undefined) {
    if (scope.split(' ').includes('offline_access')) ctx.query = { ...ctx.query, prompt: 'consent' }
  }
  if (ctx.path === paths.device && typeof userCode === 'string') {
    ctx.state['prefilledCode'] = userCode.slice(0, 20)
    ctx.query = rest
  }
}
