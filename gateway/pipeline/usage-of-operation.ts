import type { Caller } from '../../kit/caller.ts'
import { isErrorCode } from '../../kit/errors.ts'
import type { Usage, UsageOutcome } from '../cost/usage-recorder.ts'
import type { OperationCoordinates } from '../operation/operation-coordinates.ts'
import type { Identity } from '../request.ts'

/** What of an answer says how an operation ended. */
export interface Answered {
  readonly data?: Readonly<Record<string, unknown>> | null | undefined
  readonly errors: readonly { readonly extensions?: Readonly<Record<string, unknown>> | undefined }[]
}

/** What an operation adds to usage, by how it was answered. Written out, because spreading costs ten times as much. */
export function usageOfOperation(
  { caller }: Pick<Identity, 'caller'>,
  answer: Answered,
  { edition, calls, cost, uses, latencyMs }: Metered,
): Usage {
  const { outcome, code } = outcomeOf(answer)
  return {
    appId: caller.appId,
    environment: caller.environment,
    edition,
    endUserId: caller.endUserId,
    operations: 1,
    calls,
    cost,
    failed: code !== null,
    outcome,
    code,
    uses,
    events: 0,
    latencyMs,
  }
}

type Metered = Pick<Usage, 'calls' | 'cost' | 'latencyMs'> & {
  readonly edition: string | null
  readonly uses?: OperationCoordinates | undefined
}

/** What the text of a new document adds: points that no operation is charged. */
export function usageOfDocument({ caller }: Pick<Identity, 'caller'>, cost: number, edition: string | null): Usage {
  return { ...nothing, ...whose(caller), edition, cost, outcome: 'DOCUMENT' }
}

/** What events of open streams add, which were sent to readers of one view. */
export function usageOfEvents(
  { caller }: Pick<Identity, 'caller'>,
  { uses, edition }: { readonly uses: OperationCoordinates; readonly edition: string | null },
  { events, points }: { readonly events: number; readonly points: number },
): Usage {
  return { ...nothing, ...whose(caller), edition, cost: points, outcome: 'STREAM', code: null, uses, events }
}

const nothing = { operations: 0, calls: 0, failed: false } as const

function whose({ appId, environment, endUserId }: Caller): Pick<Usage, 'appId' | 'environment' | 'endUserId'> {
  return { appId, environment, endUserId }
}

const ok = { outcome: 'OK', code: null } as const

/** Partial is what gave something; else the first error says what kind of failure it was. */
function outcomeOf(answer: Answered): { readonly outcome: UsageOutcome; readonly code: string | null } {
  const [first] = answer.errors
  if (first === undefined) return ok
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
