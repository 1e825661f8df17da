import { z } from 'zod'
import type { TokenIssuer } from './issuer-tokens.ts'

const timeoutMs = 2_000
const metadataSchema = z.object({ issuer: z.url() })
const keysSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })
const revokedSchema = z.object({ revoked: z.array(z.string()) })

/** The authorization server in a process of its own, at an address that this gateway reaches. */
export function createRemoteIssuer(url: string): TokenIssuer {
  const base = url.replace(/\/+$/, '')
  const read = async <Shape>(path: string, shape: z.ZodType<Shape>): Promise<Shape> => {
    const response = await fetch(`${base}${path}`, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    if (!response.ok) throw new Error(`the authorization server answered ${path} with ${response.status}`)
    return shape.parse(await response.json())
  }
  let issuer: Promise<string> | undefined
  return {
    // Its public name, which is not always the address that it is reached at here.
    issuer() {
      if (issuer === undefined) {
        const reading = read('/.well-known/oauth-authorization-server', metadataSchema).then((found) => found.issuer)
        issuer = reading
        reading.catch(() => {
          issuer = undefined
        })
      }
      return issuer
    },
    keys: () => read('/oauth/jwks', keysSchema),
    revoked: async () => (await read('/oauth/revocations', revokedSchema)).revoked,
  }
}
