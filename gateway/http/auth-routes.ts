import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** The authorization server in this process, or the name under which it is reached elsewhere. */
export type AuthFront =
  | { readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> }
  | { readonly elsewhere: () => Promise<string> | string }

const discoveryPaths = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']

/** Puts the authorization server under `/oauth` with its discovery; one elsewhere is named by a redirect. */
export async function serveAuth(app: FastifyInstance, auth: AuthFront): Promise<void> {
  await app.register(async (routes) => {
    // Its requests are forms, which it reads by itself.
    routes.removeAllContentTypeParsers()
    routes.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const url of [...discoveryPaths, '/oauth/*']) {
      routes.all(url, async (request, reply) => {
        if ('elsewhere' in auth) {
          await reply.redirect(`${await auth.elsewhere()}${request.raw.url ?? ''}`, 307)
          return
        }
        reply.hijack()
        reply.raw.setHeader('x-request-id', request.id)
        await auth.handle(request.raw, reply.raw)
      })
    }
  })
}
