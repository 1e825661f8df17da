import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, requireOperator } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkText, createInputErrors } from '../input-errors.ts'
import type { DealDecision } from './deal-document.ts'
import type { DealState } from './deal-state.ts'
import { checkMove, moveDeal, readDeal } from './move-deal.ts'
import { nextNoticeAt, protectionMs, resubmitMs } from './periods.ts'

export interface DecideDealInput extends CommandTarget {
  readonly decision: DealDecision
  readonly reason?: string | null
}

const stateAfter: Readonly<Record<DealDecision, DealState>> = {
  APPROVE: 'APPROVED',
  REJECT: 'REJECTED',
  RETURN: 'RETURNED',
}

/** Approves, rejects or returns a registration that waits for it. */
export async function decideDeal(
  context: DealContext,
  input: DecideDealInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(context, 'decides registrations')
  const errors = createInputErrors()
  const reason = checkText(input.reason, { field: 'reason', longest: 2_000 }, errors)
  errors.check()
  if (reason === null && input.decision !== 'APPROVE') {
    throw refuse('INVALID_INPUT', ['input', 'reason'], 'Tell the partner why.')
  }
  const deal = await readDeal(context, input, session)
  const to = stateAfter[input.decision]
  checkMove(deal, to, ['input', 'decision'])
  const now = context.now()
  const changes = {
    decision: { outcome: input.decision, reason, decidedAt: now },
    decisionNoticeAt: null,
    ...heldBy(input.decision, now),
  }
  await moveDeal(context, session, { deal, to, changes })
  return deal._id
}

/** How long the decision lets the partner keep others from the customer. */
function heldBy(decision: DealDecision, now: Date) {
  if (decision === 'REJECT') return {}
  if (decision === 'RETURN') return { heldUntil: new Date(now.getTime() + resubmitMs) }
  const protectedUntil = new Date(now.getTime() + protectionMs)
  return { protectedUntil, heldUntil: protectedUntil, protectionNoticeAt: nextNoticeAt(protectedUntil, now) }
}
