import type { NewEvent } from '../../../kit/events.ts'
import type { AppListing } from './app-listing-model.ts'
import type { AppListingState, InstallationState } from './app-listing-state.ts'
import type { Installation } from './installation-model.ts'

const listingEvents: Readonly<Record<AppListingState, string>> = {
  DRAFT: 'app_listing.created',
  SUBMITTED: 'app_listing.submitted',
  PUBLISHED: 'app_listing.published',
  REJECTED: 'app_listing.rejected',
  DELISTED: 'app_listing.delisted',
}

const installationEvents: Readonly<Record<InstallationState, string>> = {
  INSTALLED: 'installation.resumed',
  SUSPENDED: 'installation.suspended',
  UNINSTALLED: 'installation.uninstalled',
}

/** The event of a listing that came into its state. */
export function listingEvent(listing: AppListing, type = listingEvents[listing.state]): NewEvent {
  const { _id, organizationId, appId, state } = listing
  return { type, subject: _id, audience: [organizationId], data: { organizationId, appId, state } }
}

/** The event of an installation that came into its state. */
export function installationEvent(installation: Installation, type = installationEvents[installation.state]): NewEvent {
  const { _id, organizationId, listingId, state } = installation
  return { type, subject: _id, audience: [organizationId], data: { organizationId, listingId, state } }
}
