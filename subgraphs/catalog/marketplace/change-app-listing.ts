import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { checkInput, expectVersion, given, givenOnly, notFound } from '../input-check.ts'
import { listingText } from './listing-input.ts'
import { listingEvent } from './marketplace-events.ts'

export interface ChangeAppListingInput {
  readonly id: string
  readonly name?: string | null
  readonly summary?: string | null
  readonly description?: string | null
  readonly category?: string | null
  readonly expectedVersion?: number | null
}

/** Changes the texts of a listing that the operator has not to decide about, or has refused. */
export async function changeAppListing(
  { caller, models, events, now }: CatalogContext,
  input: ChangeAppListingInput,
  session: ClientSession,
): Promise<string> {
  const check = checkInput()
  const fields = givenOnly({
    name: given(input.name, (text) => listingText(check, 'name', text)),
    summary: given(input.summary, (text) => listingText(check, 'summary', text)),
    description: given(input.description, (text) => listingText(check, 'description', text)),
    category: given(input.category, (text) => listingText(check, 'category', text)),
  })
  check.done()
  const listing = await models.listings.ownById(caller, session, input.id)
  if (!listing) throw notFound('listing')
  expectVersion('listing', listing, input.expectedVersion)
  if (listing.state !== 'DRAFT' && listing.state !== 'REJECTED') {
    const message = `The listing is ${listing.state}; it can be changed while it is DRAFT or REJECTED only.`
    throw refuse('NOT_EDITABLE', ['input', 'id'], message)
  }
  const changed = await models.listings.change(session, listing, { ...fields, updatedAt: now() })
  await events.append(session, listingEvent(changed, 'app_listing.changed'))
  return listing._id
}
