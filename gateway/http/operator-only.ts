import type { IncomingMessage } from 'node:http'
import { createHash, timingSafeEqual } from 'node:crypto'
import { CodedError } from '../../kit/errors.ts'
import type { Identity } from '../request.ts'

export interface OperatorDoor {
  /** Opens what the operator may watch and nothing else; null when only operators' apps may. */
  readonly token: string | null
  readonly identify: (request: IncomingMessage) => Promise<Identity>
}

/** Lets pass who has the token of metrics or an operator's app; throws UNAUTHENTICATED or FORBIDDEN for others. */
export async function requireOperator({ token, identify }: OperatorDoor, request: IncomingMessage): Promise<void> {
  if (token !== null && sameText(request.headers.authorization ?? '', `Bearer ${token}`)) return
  const { caller } = await identify(request)
  if (caller.operator) return
  throw new CodedError('FORBIDDEN', "This is for the platform's operator: use an operator's app or METRICS_TOKEN.")
}

/** Compares in a time that tells nothing of where the texts differ. */
function sameText(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map((text) => createHash('sha256').update(text).digest())
  return one !== undefined && other !== undefined && timingSafeEqual(one, other)
}
