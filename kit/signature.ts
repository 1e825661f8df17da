import { hash, timingSafeEqual } from 'node:crypto'
import { type Caller, decodeCaller, encodeCaller } from './caller.ts'
import { CodedError } from './errors.ts'
import { hmacSha256 } from './hmac.ts'

/** Requests signed longer ago than this, or from further in the future, are refused. */
export const signatureLifetimeMs = 30_000

export const signatureHeaders = {
  caller: 'x-tributary-caller',
  time: 'x-tributary-time',
  nonce: 'x-tributary-nonce',
  signature: 'x-tributary-signature',
} as const

export interface SignedRequest {
  readonly method: string
  readonly path: string
  readonly body: string | Uint8Array
}

/**
 * The headers that tell a subgraph who calls, signed with HMAC-SHA256 over time, nonce, method, path, body and caller.
 * A nonce is good for one request.
 */
export function signRequest(
  key: Uint8Array,
  request: SignedRequest & { caller: Caller; now: number; nonce: string },
): Record<string, string> {
  const caller = encodeCaller(request.caller)
  const time = String(request.now)
  const { nonce } = request
  return {
    [signatureHeaders.caller]: caller,
    [signatureHeaders.time]: time,
    [signatureHeaders.nonce]: nonce,
    [signatureHeaders.signature]: mac(key, request, { caller, time, nonce }),
  }
}

/**
 * The caller of a signed request. Throws UNAUTHENTICATED when the signature is absent, altered or too old, or when
 * `isNew`, which is asked of good signatures only, says that the nonce has come before.
 */
export function verifyRequest(
  key: Uint8Array,
  request: SignedRequest & {
    headers: Readonly<Record<string, string | readonly string[] | undefined>>
    now: number
    isNew: (nonce: string) => boolean
  },
): Caller {
  const { caller, time, nonce, signature } = {
    caller: request.headers[signatureHeaders.caller],
    time: request.headers[signatureHeaders.time],
    nonce: request.headers[signatureHeaders.nonce],
    signature: request.headers[signatureHeaders.signature],
  }
  if (
    typeof caller !== 'string' ||
    typeof time !== 'string' ||
    typeof nonce !== 'string' ||
    typeof signature !== 'string'
  ) {
    throw new CodedError('UNAUTHENTICATED', 'This subgraph answers only requests that the gateway has signed.')
  }
  if (!/^\d{1,15}$/.test(time) || Math.abs(request.now - Number(time)) > signatureLifetimeMs) {
    throw new CodedError('UNAUTHENTICATED', "The gateway's signature is too old; check both clocks.")
  }
  const expected = Buffer.from(mac(key, request, { caller, time, nonce }), 'base64url')
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new CodedError('UNAUTHENTICATED', "The gateway's signature does not match this request.")
  }
  if (!request.isNew(nonce)) {
    throw new CodedError('UNAUTHENTICATED', 'This request has been answered before.')
  }
  return decodeCaller(caller)
}

function mac(
  key: Uint8Array,
  request: SignedRequest,
  { caller, time, nonce }: { readonly caller: string; readonly time: string; readonly nonce: string },
): string {
  // In one step: an object per hash costs more than the hash of a small body.
  const bodyHash = hash('sha256', request.body, 'base64url')
  const signed = `${time}\n${nonce}\n${request.method}\n${request.path}\n${bodyHash}\n${caller}`
  return hmacSha256(key, signed, 'base64url')
}
