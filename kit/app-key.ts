import { crc32 } from 'node:zlib'
import { hmacSha256 } from './hmac.ts'

export type KeyEnvironment = 'live' | 'test'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const bodyLength = 32
const checksumLength = 6

/**
 * An app key such as `trb_live_<32 characters><checksum>`, about 190 bits of the given 64 bytes. It is shown once and
 * stored hashed; the demo's bytes are derived, so that every start can print its keys again.
 */
export function appKeyFromBytes(environment: KeyEnvironment, bytes: Uint8Array): string {
  let body = ''
  // 248 is the largest multiple of 62 below 256: bytes above it would favour the first letters.
  for (const byte of bytes) {
    if (byte < 248 && body.length < bodyLength) body += alphabet[byte % 62]
  }
  if (body.length < bodyLength) throw new Error('too few usable bytes for an app key')
  const start = `trb_${environment}_${body}`
  return start + checksum(start)
}

/** True when a key has the right form and checksum, so that a mistyped key costs no lookup. */
export function isAppKey(key: string): boolean {
  if (!/^trb_(live|test)_[0-9A-Za-z]{38}$/.test(key)) return false
  return key.endsWith(checksum(key.slice(0, -checksumLength)))
}

/** What is stored of a key: HMAC-SHA256 under a key of the installation, base64url. */
export function hashAppKey(hashSecret: Uint8Array, key: string): string {
  return hmacSha256(hashSecret, key, 'base64url')
}

/** The part of a key that may be shown later to tell keys apart. */
export function appKeyPrefix(key: string): string {
  return key.slice(0, 13)
}

/** CRC-32 (IEEE) of the rest in base 62, as GitHub's token format does it: detects typing errors, proves nothing. */
function checksum(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let place = 0; place < checksumLength; place++) {
    digits = alphabet[rest % 62] + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}
