import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { checkInput, expectVersion, given, notFound } from '../input-check.ts'
import { requireOperator } from '../require-operator.ts'
import { reviewState } from './app-listing-state.ts'

export interface ModerateReviewInput {
  readonly id: string
  readonly hidden: boolean
  readonly reason?: string | null
  readonly expectedVersion?: number | null
}

/** Hides a review, which then counts no more, or shows it again. */
export async function moderateReview(
  { caller, models, events, now }: CatalogContext,
  { id, hidden, reason, expectedVersion }: ModerateReviewInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(caller)
  const check = checkInput()
  const words = given(reason, (text) => check.text('reason', text, [1, 2_000])) ?? null
  if (hidden && words === null) check.fail('reason', 'Give a reason to hide a review.')
  check.done()
  const review = await models.reviews.byId(session, id)
  if (!review) throw notFound('review')
  expectVersion('review', review, expectedVersion)
  const state = hidden ? 'HIDDEN' : 'SHOWN'
  const illegal = reviewState.refusal(review.state, state)
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'hidden'], illegal)
  await models.reviews.change(session, review, { state, hiddenReason: hidden ? words : null, updatedAt: now() })
  const sign = hidden ? -1 : 1
  await models.listings.countStars(session, review.listingId, { stars: sign * review.stars, reviews: sign })
  await events.append(session, {
    type: hidden ? 'review.hidden' : 'review.shown',
    subject: id,
    audience: [review.organizationId],
    data: { listingId: review.listingId },
  })
  return id
}
