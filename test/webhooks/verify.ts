import { Webhook } from 'standardwebhooks'
import { vi } from 'vitest'
import type { Received } from './receiver.ts'

export interface VerifiedBody {
  readonly id: string
  readonly type: string
  readonly cursor: string
  readonly data: Readonly<Record<string, unknown>>
}

/** The body of a message that the reference library finds rightly signed at the time that the message names; throws otherwise. */
export function verify(message: Received | undefined, secret: string): VerifiedBody {
  if (message === undefined) throw new Error('no message came')
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Number(message.headers['webhook-timestamp']) * 1_000)
  try {
    return new Webhook(secret).verify(message.body, message.headers) as VerifiedBody
  } finally {
    clock.mockRestore()
  }
}
