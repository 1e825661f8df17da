import type { GraphAsker } from '../../../../kit/ask-graph.ts'
import { TargetRefused } from '../../../../kit/egress/check-target.ts'
import type { PostAnswer, SafePost } from '../../../../kit/egress/safe-post.ts'
import { readableData } from '../../../../kit/event-types.ts'
import type { EventCursors } from '../../../../kit/event-cursor.ts'
import type { DeliveryAttempt, WebhookDelivery } from '../deliveries.ts'
import type { WebhookEndpoint } from '../endpoints.ts'
import type { createWebhookSigner } from '../signing-secrets.ts'
import { evaluateSelection } from './evaluate-selection.ts'
import { messageBody } from './message.ts'

/** What came of trying to deliver. `aborted` is no outcome: it is as if nothing had been tried. */
export type Outcome =
  | {
      readonly kind: 'delivered' | 'failed' | 'gone'
      readonly attempt: DeliveryAttempt
      readonly retryAfter: string | null
    }
  | { readonly kind: 'waits'; readonly until: Date; readonly note: string }
  | { readonly kind: 'aborted' }

export interface AttemptDependencies {
  readonly client: Pick<SafePost, 'post'>
  readonly signer: ReturnType<typeof createWebhookSigner>
  readonly cursors: EventCursors
  readonly graph: GraphAsker
  readonly now: () => Date
}

export interface AttemptOptions {
  readonly delivery: WebhookDelivery
  /** Those of the app now, which decide how much of the event's data it is told. */
  readonly scopes: readonly string[]
  readonly signal: AbortSignal
}

const gone = 410

/** Posts a delivery's event to its endpoint once, signed, with what the endpoint's selection answers now. */
export async function attemptDelivery(
  { client, signer, cursors, graph, now }: AttemptDependencies,
  endpoint: WebhookEndpoint,
  { delivery, scopes, signal }: AttemptOptions,
): Promise<Outcome> {
  const { cause } = delivery
  const event = { ...delivery.event, data: readableData(delivery.event, scopes) }
  const evaluated = cause === 'TEST' ? { answer: null } : await evaluateSelection(graph, endpoint, { event, signal })
  if (signal.aborted) return { kind: 'aborted' }
  if ('waitMs' in evaluated) {
    return { kind: 'waits', until: new Date(now().getTime() + evaluated.waitMs), note: evaluated.note }
  }
  const body = messageBody(event, cursors, evaluated.answer)
  const at = now()
  const begun = performance.now()
  const ended = (answer: Pick<PostAnswer, 'body'> & { status: number | null }, error: string | null) => ({
    at,
    durationMs: Math.round(performance.now() - begun),
    status: answer.status,
    error,
    response: answer.body,
  })
  try {
    const answer = await client.post(endpoint.url, {
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Tributary-Webhooks/1',
        ...signer.sign(endpoint, { id: event.id, body, now: at }),
      },
      signal,
    })
    const { status, retryAfter } = answer
    const kind = status >= 200 && status < 300 ? 'delivered' : status === gone ? 'gone' : 'failed'
    return { kind, attempt: ended(answer, null), retryAfter }
  } catch (error) {
    if (signal.aborted) return { kind: 'aborted' }
    return { kind: 'failed', attempt: ended({ status: null, body: '' }, wordFor(error)), retryAfter: null }
  }
}

/** What a partner is told of a failure: no address and no text of ours. */
function wordFor(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof TargetRefused) return cause.problem
  if (!(cause instanceof Error)) return 'NETWORK_ERROR'
  if (cause.name === 'TimeoutError' || /timeout/i.test(cause.name)) return 'TIMED_OUT'
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  if (code.startsWith('UND_ERR_') && code.includes('TIMEOUT')) return 'TIMED_OUT'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'HOST_UNKNOWN'
  if (code === 'ECONNREFUSED') return 'CONNECTION_REFUSED'
  if (/CERT|SSL|TLS|SELF_SIGNED|ALTNAME|UNABLE_TO_/.test(code)) return 'CERTIFICATE_INVALID'
  return 'NETWORK_ERROR'
}
