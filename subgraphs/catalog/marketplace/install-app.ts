import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { notFound } from '../input-check.ts'
import type { Installation } from './installation-model.ts'
import { installationEvent } from './marketplace-events.ts'

export interface InstallAppInput {
  readonly listingId: string
}

/** Installs a published app; a unique index keeps an organization from having two live installations of one listing. */
export async function installApp(
  { caller, models, events, now }: CatalogContext,
  { listingId }: InstallAppInput,
  session: ClientSession,
): Promise<string> {
  const listing = await models.listings.visibleById(caller, session, listingId)
  if (!listing) throw notFound('listing', 'listingId')
  if (listing.state !== 'PUBLISHED') {
    const message = `The listing is ${listing.state}; an app can be installed while it is PUBLISHED only.`
    throw refuse('NOT_PUBLISHED', ['input', 'listingId'], message)
  }
  const at = now()
  const installation: Installation = {
    _id: createId('Installation'),
    listingId,
    organizationId: caller.organizationId,
    state: 'INSTALLED',
    live: true,
    suspendedByOperator: false,
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  try {
    await models.installations.insert(session, installation)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    throw refuse('ALREADY_INSTALLED', ['input', 'listingId'], 'Your organization has this app installed already.')
  }
  await events.append(session, installationEvent(installation, 'installation.installed'))
  return installation._id
}
