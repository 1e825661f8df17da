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

/** Names who has signed, in the place of the caller, where a subgraph does. */
export const handInHeader = 'x-tributary-subgraph'

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
    [signatureHeaders.signature]: mac(key, request, { signer: caller, time, nonce }),
  }
}

interface ReceivedRequest extends SignedRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly now: number
}

/**
 * The caller of a signed request. Throws UNAUTHENTICATED when the signature is absent, altered or too old, or when
 * `isNew`, which is asked of good signatures only, says that the nonce has come before.
 */
export function verifyRequest(
  key: Uint8Array,
  request: ReceivedRequest & { isNew: (nonce: string) => boolean },
): Caller {
  const { signer: caller, nonce } = verifySigned(key, request, {
    header: signatureHeaders.caller,
    absent: 'This subgraph answers only requests that the gateway has signed.',
    whose: "The gateway's signature",
  })
  if (!request.isNew(nonce)) {
    throw new CodedError('UNAUTHENTICATED', 'This request has been answered before.')
  }
  return decodeCaller(caller)
}

/**
 * Checks that a published subgraph has signed a request with its key: as gateways sign, with the subgraph's name in the
 * place of the caller. Throws UNAUTHENTICATED. A request that comes twice passes twice: what it does must bear that.
 */
export function verifyHandIn(key: Uint8Array, request: ReceivedRequest): void {
  verifySigned(key, request, {
    header: handInHeader,
    absent: 'Events are taken from subgraphs that sign them: four headers, x-tributary-subgraph among them.',
    whose: "The subgraph's signature",
  })
}

function verifySigned(
  key: Uint8Array,
  request: ReceivedRequest,
  { header, absent, whose }: { readonly header: string; readonly absent: string; readonly whose: string },
): { readonly signer: string; readonly nonce: string } {
  const { signer, time, nonce, signature } = {
    signer: request.headers[header],
    time: request.headers[signatureHeaders.time],
    nonce: request.headers[signatureHeaders.nonce],
    signature: request.headers[signatureHeaders.signature],
  }
  if (
    typeof signer !== 'string' ||
    typeof time !== 'string' ||
    typeof nonce !== 'string' ||
    typeof signature !== 'string'
  ) {
    throw new CodedError('UNAUTHENTICATED', absent)
  }
  if (!/^\d{1,15}$/.test(time) || Math.abs(request.now - Number(time)) > signatureLifetimeMs) {
    throw new CodedError('UNAUTHENTICATED', `${whose} is too old; check both clocks.`)
  }
  const expected = Buffer.from(mac(key, request, { signer, time, nonce }), 'base64url')
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new CodedError('UNAUTHENTICATED', `${whose} does not match this request.`)
  }
  return { signer, nonce }
}

function mac(
  key: Uint8Array,
  request: SignedRequest,
  { signer, time, nonce }: { readonly signer: string; readonly time: string; readonly nonce: string },
): string {
  // In one step: an object per hash costs more than the hash of a small body.
  const bodyHash = hash('sha256', request.body, 'base64url')
  const signed = `${time}\n${nonce}\n${request.method}\n${request.path}\n${bodyHash}\n${signer}`
  return hmacSha256(key, signed, 'base64url')
}
