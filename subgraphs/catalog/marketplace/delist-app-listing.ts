import type { ClientSession } from 'mongoose'
import type { BackgroundContext } from '../../../kit/background.ts'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import type { CatalogModels } from '../catalog-models.ts'
import { expectVersion, notFound } from '../input-check.ts'
import type { AppListing } from './app-listing-model.ts'
import { appListingState } from './app-listing-state.ts'
import { listingEvent } from './marketplace-events.ts'
import type { AppListingCommandInput } from './submit-app-listing.ts'

type Means = Pick<BackgroundContext<CatalogModels>, 'models' | 'events' | 'now'>

/** Takes a listing off the marketplace. */
export async function delistAppListing(
  context: CatalogContext,
  { id, expectedVersion }: AppListingCommandInput,
  session: ClientSession,
): Promise<string> {
  const listing = await context.models.listings.ownById(context.caller, session, id)
  if (!listing) throw notFound('listing')
  expectVersion('listing', listing, expectedVersion)
  const illegal = appListingState.refusal(listing.state, 'DELISTED')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  await delist(context, listing, session)
  return id
}

/** Takes what an app offers off the marketplace, when the app is revoked; nothing where it offers nothing any more. */
export async function delistListingsOfApp(context: Means, appId: string, session: ClientSession): Promise<void> {
  const listing = await context.models.listings.liveOfApp(session, appId)
  if (listing) await delist(context, listing, session)
}

/** The same when the partnership of the organization that offers them has ended. */
export async function delistListingsOfOrganization(
  context: Means,
  organizationId: string,
  session: ClientSession,
): Promise<void> {
  // One after the other: they share the transaction.
  for (const listing of await context.models.listings.liveOfOrganization(session, organizationId)) {
    await delist(context, listing, session)
  }
}

async function delist({ models, events, now }: Means, listing: AppListing, session: ClientSession): Promise<void> {
  const change = { state: 'DELISTED', live: false, updatedAt: now() } as const
  await events.append(session, listingEvent(await models.listings.change(session, listing, change)))
}
