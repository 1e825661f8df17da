import type { ClientSession } from 'mongoose'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, checkTarget } from '../../../storage/command-target.ts'
import { changedInside } from '../command.ts'
import type { DealContext } from '../deal-context.ts'
import type { DealRegistrationDocument } from './deal-document.ts'
import { type DealState, dealStateMachine, isExclusive } from './deal-state.ts'
import { dealEvent } from './events.ts'

/** What a change needs; timers have it too. */
export type DealWork = Pick<DealContext, 'models' | 'events' | 'now'>

type Changes = Partial<Omit<DealRegistrationDocument, '_id' | 'version' | 'state' | 'updatedAt'>>

/** What a registration is given up with: its customer is free, and nothing more becomes due. */
const givenUp = { exclusive: false, heldUntil: null, decisionNoticeAt: null, protectionNoticeAt: null } as const

/** The registration that a command is about, as the caller sees it. */
export async function readDeal(
  { models, caller }: DealContext,
  input: CommandTarget,
  session: ClientSession,
): Promise<DealRegistrationDocument> {
  return checkTarget('registration', await models.deals.byId(caller, session, input.id), input)
}

/** Refuses a transition that the table does not have. */
export function checkMove(deal: DealRegistrationDocument, state: DealState, field: readonly string[]): void {
  const illegal = dealStateMachine.refusal(deal.state, state)
  if (illegal) throw refuse('ILLEGAL_TRANSITION', field, illegal)
}

/**
 * Refuses to go on with a registration whose time is over although no timer has come by to end it: it is as good as
 * EXPIRED. An opportunity goes on without protection.
 */
export function checkInTime({ state, heldUntil }: DealRegistrationDocument, now: Date): void {
  if (state === 'CONVERTED' || heldUntil === null || heldUntil > now) return
  const message = 'The time that this registration had is over; register the deal anew.'
  throw refuse('PROTECTION_ENDED', ['input', 'id'], message)
}

/** Brings a registration into a state that it may go to and records the event. */
export async function moveDeal(
  work: DealWork,
  session: ClientSession,
  move: { readonly deal: DealRegistrationDocument; readonly to: DealState; readonly changes?: Changes },
): Promise<DealRegistrationDocument> {
  const { deal, to, changes } = move
  const moved = await changeDeal(work, session, deal, {
    ...(isExclusive(to) ? {} : { ...givenUp, closedAt: work.now() }),
    ...changes,
    state: to,
  })
  await work.events.append(session, dealEvent(moved, deal.state))
  return moved
}

/** Changes a registration as it was read; refused when it would take a customer that another one holds. */
export async function changeDeal(
  { models, now }: DealWork,
  session: ClientSession,
  deal: DealRegistrationDocument,
  changes: Changes & { readonly state?: DealState },
): Promise<DealRegistrationDocument> {
  try {
    return changedInside(await models.deals.change(session, deal, { ...changes, updatedAt: now() }), deal._id)
  } catch (error) {
    throw isDuplicateKey(error) ? duplicateRegistration() : error
  }
}

/** The same words whoever holds the customer, so that nobody learns who their competitor is. */
export function duplicateRegistration() {
  const message = 'This customer is already registered for this product family in this territory.'
  return refuse('DUPLICATE_REGISTRATION', ['input', 'customer'], message)
}
