import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyCompress from '@fastify/compress'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { OpenEdition } from '../../kit/contracts.ts'

/** The demo caller that the page shows and uses, with its key. */
export interface DemoCaller {
  readonly appId: string
  readonly key: string
  readonly appName: string
  readonly organizationName: string
  readonly planName: string
  readonly scopes: readonly string[]
}

export interface SampleOperation {
  readonly name: string
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** A page's own files only. */
const contentSecurityPolicy = (looks: readonly string[]): string =>
  [
    "default-src 'self'",
    "script-src 'self'",
    ...looks,
    "worker-src 'self'",
    "font-src 'self'",
    // Browsers before CSP 3 do not count WebSockets of the same host as 'self'.
    "connect-src 'self' ws: wss:",
    "object-src 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')

/** The editor of GraphiQL sets inline styles and draws squiggles from data: URLs. */
const explorerPolicy = contentSecurityPolicy(["style-src 'self' 'unsafe-inline'", "img-src 'self' data:"])
const registryPolicy = contentSecurityPolicy(["style-src 'self'", "img-src 'self'"])

/** Serves the built pages at `/` and `/registry/`, and what it starts with at `/portal/session`. */
export async function servePortal(
  app: FastifyInstance,
  options: {
    readonly demo: DemoCaller | null
    readonly samples: readonly SampleOperation[]
    readonly version: string
    /** The contracts and versions that the explorer can be opened on. */
    readonly editions: () => readonly OpenEdition[]
  },
): Promise<void> {
  app.get('/portal/session', async (request, reply) => {
    void reply.header('cache-control', 'no-store')
    return {
      demo: isFromThisMachine(request) ? options.demo : null,
      samples: options.samples,
      version: options.version,
      editions: options.editions(),
    }
  })
  const root = portalFolder()
  if (root === null) {
    app.get('/', (_request, reply) =>
      reply.code(503).type('text/plain').send('The portal has not been built; run `npm start`, which builds it.\n'),
    )
    return
  }
  await app.register(async (portal) => {
    // Here only: answers of the graph decide for themselves, and event streams must not be held back.
    await portal.register(fastifyCompress)
    portal.get('/registry', (_request, reply) => reply.redirect('/registry/', 308))
    await portal.register(fastifyStatic, {
      root,
      setHeaders(reply, path) {
        reply.header('content-security-policy', path.startsWith(`${root}registry`) ? registryPolicy : explorerPolicy)
        reply.header('x-content-type-options', 'nosniff')
        reply.header('referrer-policy', 'no-referrer')
        // Names of assets change with their content; the page that names them must not be kept.
        reply.header('cache-control', path.includes('assets') ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  })
}

/**
 * The demo key goes only to a browser on this machine that asked for this machine, so that DNS rebinding gets none, and
 * to nobody through a proxy, whose own address says nothing of the visitor's.
 */
function isFromThisMachine(request: FastifyRequest): boolean {
  if (proxyHeaders.some((name) => request.headers[name] !== undefined)) return false
  const { remoteAddress } = request.raw.socket
  const loopback = remoteAddress === '127.0.0.1' || remoteAddress === '::1' || remoteAddress === '::ffff:127.0.0.1'
  return loopback && ['localhost', '127.0.0.1', '[::1]'].includes(request.hostname.replace(/:\d+$/, ''))
}

const proxyHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/** The built portal: beside the built gateway, or in `dist` when the gateway runs from its sources. */
function portalFolder(): string | null {
  const candidates = ['../../portal/', '../../dist/portal/'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  return candidates.find((folder) => existsSync(`${folder}index.html`) && existsSync(`${folder}assets`)) ?? null
}
