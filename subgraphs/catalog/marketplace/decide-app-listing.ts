import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { checkInput, expectVersion, given, notFound } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import { appListingState } from './app-listing-state.ts'
import { listingEvent } from './marketplace-events.ts'

export interface DecideAppListingInput {
  readonly id: string
  readonly decision: 'PUBLISH' | 'REJECT'
  readonly reason?: string | null
  readonly expectedVersion?: number | null
}

/** Publishes or rejects a listing. */
export async function decideAppListing(
  { caller, models, events, now }: CatalogContext,
  input: DecideAppListingInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const check = checkInput()
  const decisionReason = given(input.reason, (reason) => check.text('reason', reason, [1, 2_000])) ?? null
  if (input.decision === 'REJECT' && decisionReason === null) check.fail('reason', 'Give a reason to reject.')
  check.done()
  const listing = await models.listings.ownById(caller, session, input.id)
  if (!listing) throw notFound('listing')
  expectVersion('listing', listing, input.expectedVersion)
  const state = input.decision === 'PUBLISH' ? 'PUBLISHED' : 'REJECTED'
  const illegal = appListingState.refusal(listing.state, state)
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'decision'], illegal)
  const updatedAt = now()
  const publishedAt = state === 'PUBLISHED' ? updatedAt : null
  const decided = await models.listings.change(session, listing, { state, decisionReason, publishedAt, updatedAt })
  await events.append(session, listingEvent(decided))
  return listing._id
}
