import { randomBytes } from 'node:crypto'

/** How far behind the newest of its sender a nonce may come: more than can be on the way at once. */
const windowSize = 65_536

/** Nonces of one sender: its random name and a number that grows. */
export function createNonces(): () => string {
  const sender = randomBytes(9).toString('base64url')
  let last = 0
  return () => `${sender}.${(last += 1)}`
}

/** Knows which nonces have come. Ask it only of those whose signature is good. */
export interface NonceMemory {
  /** True once for each nonce. `now` is in milliseconds. */
  take(nonce: string, now: number): boolean
}

interface Sender {
  highest: number
  seenAt: number
  /** One bit for each of the last `windowSize` numbers. */
  readonly taken: Uint8Array
}

/**
 * Remembers nonces in the manner of IPsec (RFC 4303, section 3.4.3): a window of bits for each sender, so that it costs
 * 8 KiB for each gateway, whatever their traffic. A sender is forgotten when it has been silent for `lifetimeMs`, after
 * which all that it has signed must be refused for its age.
 */
export function createNonceMemory(lifetimeMs: number): NonceMemory {
  const senders = new Map<string, Sender>()

  const senderOf = (name: string, now: number): Sender => {
    const known = senders.get(name)
    if (known) return known
    for (const [other, { seenAt }] of senders) if (now - seenAt > lifetimeMs) senders.delete(other)
    const sender = { highest: 0, seenAt: now, taken: new Uint8Array(windowSize / 8) }
    senders.set(name, sender)
    return sender
  }
  return {
    take(nonce, now) {
      const [, name = '', digits = ''] = /^([\w-]{12})\.([1-9]\d{0,14})$/.exec(nonce) ?? []
      if (name === '') return false
      const sender = senderOf(name, now)
      const number = Number(digits)
      if (number <= sender.highest - windowSize) return false
      if (number > sender.highest) {
        forgetBetween(sender, number)
        sender.highest = number
      }
      const place = number % windowSize
      const bit = 1 << (place & 7)
      const before = sender.taken[place >> 3] ?? 0
      if ((before & bit) !== 0) return false
      sender.taken[place >> 3] = before | bit
      sender.seenAt = now
      return true
    },
  }
}

/** Frees the places of numbers that the window has not had yet, up to a new highest. */
function forgetBetween({ highest, taken }: Sender, number: number): void {
  if (number - highest >= windowSize) {
    taken.fill(0)
    return
  }
  for (let next = highest + 1; next <= number; next += 1) {
    const place = next % windowSize
    taken[place >> 3] = (taken[place >> 3] ?? 0) & ~(1 << (place & 7))
  }
}
