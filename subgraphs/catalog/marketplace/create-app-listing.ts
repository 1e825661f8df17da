import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { checkInput } from '../input-check.ts'
import { type AppListing, listingWords } from './app-listing-model.ts'
import { listingText } from './listing-input.ts'
import { listingEvent } from './marketplace-events.ts'

export interface CreateAppListingInput {
  readonly appId: string
  readonly name: string
  readonly summary: string
  readonly description: string
  readonly category: string
}

/** Begins a listing of an app as a draft. */
export async function createAppListing(
  { caller, models, events, now }: CatalogContext,
  input: CreateAppListingInput,
  session: ClientSession,
): Promise<string> {
  const check = checkInput()
  const fields = {
    name: listingText(check, 'name', input.name),
    summary: listingText(check, 'summary', input.summary),
    description: listingText(check, 'description', input.description),
    category: listingText(check, 'category', input.category),
  }
  check.done()
  const app = await models.apps.byId(caller, session, input.appId)
  if (!app || app.revoked) {
    throw refuse('UNKNOWN_APP', ['input', 'appId'], 'Your organization has no such app in use.')
  }
  const at = now()
  const listing: AppListing = {
    _id: createId('AppListing'),
    appId: app._id,
    organizationId: app.organizationId,
    ...fields,
    state: 'DRAFT',
    live: true,
    decisionReason: null,
    publishedAt: null,
    starsTotal: 0,
    reviewCount: 0,
    words: listingWords(fields),
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  try {
    await models.listings.insert(session, listing)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('ALREADY_LISTED', ['input', 'appId'], 'The app has a listing; change that one, or delist it first.')
  }
  await events.append(session, listingEvent(listing))
  return listing._id
}
