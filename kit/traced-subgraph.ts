import { ROOT_CONTEXT, SpanKind, type Tracer, trace } from '@opentelemetry/api'
import type { SubgraphRequest, SubgraphResult } from './subgraph-service.ts'
import { endSpan, spanContextOf } from './tracing.ts'

/**
 * Runs an operation of a subgraph under a span that continues the gateway's. Where the gateway traces nothing, neither
 * does the subgraph: what is recorded is decided once, at the door.
 */
export async function traced(
  tracer: Tracer | null,
  operation: SubgraphRequest & { readonly traceparent: unknown },
  execute: (operation: SubgraphRequest) => Promise<SubgraphResult>,
): Promise<SubgraphResult> {
  const { traceparent, ...request } = operation
  const parent = tracer && spanContextOf(traceparent)
  if (!tracer || !parent) return execute(request)
  const attributes = { 'tributary.request.id': request.requestId, 'tributary.app.id': request.caller.appId }
  const span = tracer.startSpan(
    'operation',
    { kind: SpanKind.SERVER, attributes },
    trace.setSpanContext(ROOT_CONTEXT, parent),
  )
  let failure: string | null = 'INTERNAL'
  try {
    const result = await execute(request)
    const code = result.errors?.[0]?.extensions?.['code']
    failure = typeof code === 'string' ? code : null
    return result
  } finally {
    endSpan(span, failure)
  }
}
