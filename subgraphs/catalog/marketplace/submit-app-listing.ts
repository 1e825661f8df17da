import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { expectVersion, notFound } from '../input-check.ts'
import { appListingState } from './app-listing-state.ts'
import { listingEvent } from './marketplace-events.ts'

export interface AppListingCommandInput {
  readonly id: string
  readonly expectedVersion?: number | null
}

/** Sends a listing to the operator. */
export async function submitAppListing(
  { caller, models, events, now }: CatalogContext,
  { id, expectedVersion }: AppListingCommandInput,
  session: ClientSession,
): Promise<string> {
  const listing = await models.listings.ownById(caller, session, id)
  if (!listing) throw notFound('listing')
  expectVersion('listing', listing, expectedVersion)
  const illegal = appListingState.refusal(listing.state, 'SUBMITTED')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  const submitted = await models.listings.change(session, listing, {
    state: 'SUBMITTED',
    decisionReason: null,
    updatedAt: now(),
  })
  await events.append(session, listingEvent(submitted))
  return id
}
