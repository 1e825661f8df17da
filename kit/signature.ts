import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type Caller, decodeCaller, encodeCaller } from './caller.ts'
import { CodedError } from './errors.ts'

/** Requests signed longer ago than this, or from further in the future, are refused. */
export const signatureLifetimeMs = 30_000

export const signatureHeaders = {
  caller: 'x-tributary-caller',
  time: 'x-tributary-time',
  signature: 'x-tributary-signature',
} as const

export interface SignedRequest {
  readonly method: string
  readonly path: string
  readonly body: string | Uint8Array
}

/** The headers that tell a subgraph who calls, signed with HMAC-SHA256 over time, method, path, body and caller. */
export function signRequest(
  key: Uint8Array,
  request: SignedRequest & { caller: Caller; now: number },
): Record<string, string> {
  const caller = encodeCaller(request.caller)
  const time = String(request.now)
  return {
    [signatureHeaders.caller]: caller,
    [signatureHeaders.time]: time,
    [signatureHeaders.signature]: mac(key, request, caller, time).toString('base64url'),
  }
}

/** The caller of a signed request. Throws UNAUTHENTICATED when the signature is absent, altered or too old. */
export function verifyRequest(
  key: Uint8Array,
  request: SignedRequest & {
    headers: Readonly<Record<string, string | readonly string[] | undefined>>
    now: number
  },
): Caller {
  const { caller, time, signature } = {
    caller: request.headers[signatureHeaders.caller],
    time: request.headers[signatureHeaders.time],
    signature: request.headers[signatureHeaders.signature],
  }
  if (typeof caller !== 'string' || typeof time !== 'string' || typeof signature !== 'string') {
    throw new CodedError('UNAUTHENTICATED', 'This subgraph answers only requests that the gateway has signed.')
  }
  if (!/^\d{1,15}$/.test(time) || Math.abs(request.now - Number(time)) > signatureLifetimeMs) {
    throw new CodedError('UNAUTHENTICATED', "The gateway's signature is too old; check both clocks.")
  }
  const expected = mac(key, request, caller, time)
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new CodedError('UNAUTHENTICATED', "The gateway's signature does not match this request.")
  }
  return decodeCaller(caller)
}

function mac(key: Uint8Array, request: SignedRequest, caller: string, time: string): Buffer {
  const bodyHash = createHash('sha256').update(request.body).digest('base64url')
  return createHmac('sha256', key).update([time, request.method, request.path, bodyHash, caller].join('\n')).digest()
}
