import type { ClientSession } from 'mongoose'
import { CodedError } from '../../kit/errors.ts'
import { refuse } from '../../storage/mutate.ts'
import type { DealContext } from './deal-context.ts'
import { type DealState, dealStateMachine, isExclusive } from './deal-state.ts'
import { dealEvent } from './events.ts'
import type { DealDecision } from './models/deal-registration.ts'
import { checkReason, protectionMs } from './rules.ts'

export interface DecideDealInput {
  readonly id: string
  readonly decision: DealDecision
  readonly reason?: string | null
  readonly expectedVersion?: number | null
}

const stateAfter: Readonly<Record<DealDecision, DealState>> = {
  APPROVE: 'APPROVED',
  REJECT: 'REJECTED',
  RETURN: 'RETURNED',
}

/** Approves, rejects or returns a registration that waits for it. */
export async function decideDeal(context: DealContext, input: DecideDealInput, session: ClientSession) {
  // Not left to the scope alone: a partner's app that was given it by mistake must not decide its own deals.
  if (!context.caller.operator) throw new CodedError('FORBIDDEN', 'Only the platform operator decides registrations.')
  const reason = checkReason(input.decision, input.reason)
  const deal = await context.models.deals.byId(context.caller, session, input.id)
  if (!deal) throw refuse('NOT_FOUND', ['input', 'id'], 'There is no such registration.')
  if (typeof input.expectedVersion === 'number' && input.expectedVersion !== deal.version) {
    const message = `The registration has version ${deal.version} by now, not ${input.expectedVersion}; read it again.`
    throw refuse('STALE_VERSION', ['input', 'expectedVersion'], message)
  }
  const state = stateAfter[input.decision]
  const illegal = dealStateMachine.refusal(deal.state, state)
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'decision'], illegal)

  const now = context.now()
  const decided = await context.models.deals.change(session, deal, {
    state,
    exclusive: isExclusive(state),
    decision: { outcome: input.decision, reason, decidedAt: now },
    protectedUntil: state === 'APPROVED' ? new Date(now.getTime() + protectionMs) : null,
    updatedAt: now,
  })
  // The transaction read this version a moment ago: another writer makes it conflict and run again, never come here.
  if (!decided) throw new Error(`registration ${deal._id} changed inside the transaction that read it`)
  await context.events.append(session, dealEvent(decided, deal.state))
  return deal._id
}
