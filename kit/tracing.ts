import { type Span, SpanStatusCode, type Tracer, TraceFlags } from '@opentelemetry/api'

/** Makes spans and sends them away. */
export interface Tracing {
  readonly tracer: Tracer
  /** Sends what is left. */
  close(): Promise<void>
}

export interface TracingOptions {
  /** `service.name` of the spans. */
  readonly service: string
  readonly version: string
  /** Base URL of an OTLP receiver over HTTP, to which `/v1/traces` is added; null makes no spans at all. */
  readonly endpoint: string | null
  /** The share of traces that are recorded, from 0 to 1; who calls cannot raise it. */
  readonly share: number
}

/** Null where spans go nowhere: then nothing of OpenTelemetry is loaded. */
export async function openTracing({ service, version, endpoint, share }: TracingOptions): Promise<Tracing | null> {
  if (endpoint === null) return null
  const [
    { BasicTracerProvider, BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler },
    exporter,
    resources,
  ] = await Promise.all([
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  const url = new URL('v1/traces', endpoint.endsWith('/') ? endpoint : `${endpoint}/`).href
  const provider = new BasicTracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new BatchSpanProcessor(new exporter.OTLPTraceExporter({ url }))],
  })
  return { tracer: provider.getTracer('tributary', version), close: () => provider.shutdown() }
}

/** The W3C `traceparent` header that continues a span in another process. */
export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0')}`
}

/** Reads a `traceparent` header; undefined for anything but one of version 00 with ids that are not all zero. */
export function spanContextOf(header: unknown) {
  const match = typeof header === 'string' ? /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header) : null
  const [, traceId = '', spanId = '', flags = ''] = match ?? []
  if (match === null || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
}

/** Ends a span with its outcome; the text of an error that is not meant for clients is not for traces either. */
export function endSpan(span: Span, failure: string | null): void {
  if (failure !== null) {
    span.setAttribute('error.type', failure)
    span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
  }
  span.end()
}
