import { isErrorCode } from '../kit/errors.ts'
import type { Usage, UsageOutcome } from './cost/usage-recorder.ts'
import type { OperationCoordinates } from './operation/operation-coordinates.ts'
import type { Identity } from './request.ts'

/** What of an answer says how an operation ended. */
export interface Answered {
  readonly data?: Readonly<Record<string, unknown>> | null | undefined
  readonly errors: readonly { readonly extensions?: Readonly<Record<string, unknown>> | undefined }[]
}

/** What an operation adds to usage, by how it was answered. */
export function usageOfOperation(
  { caller }: Identity,
  answer: Answered,
  metered: Pick<Usage, 'calls' | 'cost' | 'latencyMs'> & { readonly uses?: OperationCoordinates | undefined },
): Usage {
  return { ...whose({ caller }), ...outcomeOf(answer), failed: answer.errors.length > 0, ...metered }
}

/** What the text of a new document adds: points that no operation is charged. */
export function usageOfDocument(identity: Pick<Identity, 'caller'>, cost: number): Usage {
  return { ...whose(identity), operations: 0, calls: 0, cost, failed: false, outcome: 'DOCUMENT' }
}

/** What an event of an open stream adds; the stream was charged when it began. */
export function usageOfEvent(identity: Pick<Identity, 'caller'>, uses: OperationCoordinates): Usage {
  return { ...whose(identity), operations: 0, calls: 0, cost: 0, failed: false, outcome: 'STREAM', uses, events: 1 }
}

function whose({ caller }: Pick<Identity, 'caller'>): Pick<Usage, 'appId' | 'environment' | 'endUserId'> {
  const { appId, environment, endUserId } = caller
  return { appId, environment, endUserId }
}

/** Partial is what gave something; else the first error says what kind of failure it was. */
function outcomeOf(answer: Answered): { readonly outcome: UsageOutcome; readonly code: string | null } {
  const [first] = answer.errors
  if (first === undefined) return { outcome: 'OK', code: null }
  const given = first.extensions?.['code']
  const code = isErrorCode(given) ? given : 'INTERNAL'
  // Read only where there are errors: an answer may hold its data as text.
  const { data } = answer
  if (data && Object.values(data).some((value) => value !== null)) return { outcome: 'PARTIAL', code }
  return { outcome: failures[code] ?? 'FAILED', code }
}

const failures: Readonly<Record<string, UsageOutcome>> = {
  FORBIDDEN: 'DENIED',
  PLAN_FORBIDS: 'DENIED',
  UNAUTHENTICATED: 'DENIED',
  THROTTLED: 'THROTTLED',
  READER_TOO_SLOW: 'THROTTLED',
  QUOTA_EXCEEDED: 'QUOTA',
}
