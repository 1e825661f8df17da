import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { checkInput, expectVersion, given, notFound } from '../input-check.ts'
import type { Review } from './review-model.ts'

export interface ReviewAppInput {
  readonly listingId: string
  readonly stars: number
  readonly text?: string | null
  readonly expectedVersion?: number | null
}

/**
 * Writes an organization's one review of a listing, or changes it. What it adds to the listing's stars is written in the
 * same transaction as a difference, so that the average is right however many review at once.
 */
export async function reviewApp(
  { caller, models, events, now }: CatalogContext,
  input: ReviewAppInput,
  session: ClientSession,
): Promise<string> {
  const { listingId } = input
  const { organizationId } = caller
  const check = checkInput()
  const stars = check.whole('stars', input.stars, [1, 5])
  const text = given(input.text, (words) => check.text('text', words, [1, 2_000])) ?? null
  check.done()
  const listing = await models.listings.visibleById(caller, session, listingId)
  if (!listing) throw notFound('listing', 'listingId')
  if (listing.organizationId === organizationId) {
    throw refuse('OWN_LISTING', ['input', 'listingId'], 'An organization does not review what it offers itself.')
  }
  if (!(await models.installations.isInstalled(session, organizationId, listingId))) {
    throw refuse('NOT_INSTALLED', ['input', 'listingId'], 'Install the app before you review it.')
  }
  const at = now()
  const before = await models.reviews.ofOrganization(session, listingId, organizationId)
  if (before) {
    expectVersion('review', before, input.expectedVersion)
    await models.reviews.change(session, before, { stars, text, updatedAt: at })
    const counted = before.state === 'SHOWN' ? stars - before.stars : 0
    await models.listings.countStars(session, listingId, { stars: counted, reviews: 0 })
  } else {
    expectVersion('review', { version: 0 }, input.expectedVersion)
  }
  const review: Review = before ?? {
    _id: createId('Review'),
    listingId,
    organizationId,
    stars,
    text,
    state: 'SHOWN',
    hiddenReason: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  if (!before) {
    try {
      await models.reviews.insert(session, review)
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      const message = 'Your organization has just reviewed this app; read its review and change that.'
      throw refuse('STALE_VERSION', ['input', 'listingId'], message)
    }
    await models.listings.countStars(session, listingId, { stars, reviews: 1 })
  }
  await events.append(session, {
    type: before ? 'review.changed' : 'review.written',
    subject: review._id,
    audience: [organizationId, listing.organizationId],
    data: { listingId, stars },
  })
  return review._id
}
