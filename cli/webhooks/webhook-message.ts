import { createHmac, randomBytes } from 'node:crypto'
import type { EventAnswer } from '../events/follow-events.ts'

/** What a selection has answered, as it is sent along. */
export interface GraphPart {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly code: string }[]
  readonly omitted?: 'TOO_LARGE'
}

const mostBytes = 20_000

/** A new signing secret, after Standard Webhooks. */
export function createSecret(): string {
  return `whsec_${randomBytes(24).toString('base64')}`
}

/** The body of a webhook message for an event, as deliveries have it (docs/webhooks.md). */
export function messageBody(event: EventAnswer, graph: GraphPart | null): string {
  const { id, source, type, subject, time, sequence, cursor, data } = event
  const envelope = {
    specversion: '1.0',
    id,
    source,
    type,
    subject,
    time,
    datacontenttype: 'application/json',
    sequence,
    cursor,
    data,
  }
  if (graph === null) return JSON.stringify(envelope)
  const whole = JSON.stringify({ ...envelope, data: { ...data, graph } })
  if (Buffer.byteLength(whole) < mostBytes) return whole
  return JSON.stringify({ ...envelope, data: { ...data, graph: { omitted: 'TOO_LARGE' } } })
}

/** The headers that sign a message, after Standard Webhooks. */
export function signedHeaders(
  secret: string,
  message: { readonly id: string; readonly body: string; readonly at: Date },
) {
  const timestamp = Math.floor(message.at.getTime() / 1000)
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${message.id}.${timestamp}.${message.body}`).digest('base64')
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  }
}
