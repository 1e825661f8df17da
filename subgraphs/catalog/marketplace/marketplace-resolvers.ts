import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import { visibleOrganization } from '../../../storage/visible-organization.ts'
import { boundedText } from '../bounded-text.ts'
import type { CatalogContext } from '../catalog-context.ts'
import { commandResolver } from '../command.ts'
import type { AppListing } from './app-listing-model.ts'
import type { AppListingState, InstallationState } from './app-listing-state.ts'
import { changeAppListing } from './change-app-listing.ts'
import { changeInstallation } from './change-installation.ts'
import { createAppListing } from './create-app-listing.ts'
import { decideAppListing } from './decide-app-listing.ts'
import { delistAppListing } from './delist-app-listing.ts'
import { installApp } from './install-app.ts'
import type { Installation } from './installation-model.ts'
import { moderateReview } from './moderate-review.ts'
import { type ReviewAppInput, reviewApp } from './review-app.ts'
import type { Review } from './review-model.ts'
import { submitAppListing } from './submit-app-listing.ts'

interface ById {
  readonly id: string
}

interface ListingArgs extends ConnectionArgs {
  readonly state?: AppListingState | null
  readonly category?: string | null
  readonly search?: string | null
}

interface InstallationArgs extends ConnectionArgs {
  readonly listingId?: string | null
  readonly state?: InstallationState | null
}

const listing = {
  entity: 'appListing',
  load: ({ loaders }: CatalogContext, id: string) => loaders.listings.load(id),
}
const installation = {
  entity: 'installation',
  load: ({ loaders }: CatalogContext, id: string) => loaders.installations.load(id),
}
const review = { entity: 'review', load: ({ loaders }: CatalogContext, id: string) => loaders.reviews.load(id) }

/** Whose something is, for its own organization and the operator. */
const organization = ({ organizationId }: { organizationId: string }, _args: unknown, { caller }: CatalogContext) =>
  visibleOrganization(caller, organizationId)

const mayRead = ({ organizationId }: { organizationId: string }, { caller }: CatalogContext): boolean =>
  caller.operator || caller.organizationId === organizationId

export const marketplaceResolvers: Resolvers<CatalogContext> = {
  Query: {
    appListings: (_: unknown, args: ListingArgs, { caller, models }: CatalogContext) =>
      models.listings.readPage(caller, args, {
        state: args.state ?? null,
        category: boundedText('category', args.category),
        search: boundedText('search', args.search),
      }),
    appListing: (_: unknown, { id }: ById, { loaders }: CatalogContext) => loaders.listings.load(id),
    installations: (_: unknown, args: InstallationArgs, { caller, models }: CatalogContext) =>
      models.installations.readPage(caller, args, {
        listingId: boundedText('listingId', args.listingId),
        state: args.state ?? null,
      }),
  },
  Mutation: {
    createAppListing: commandResolver('createAppListing', createAppListing, listing),
    changeAppListing: commandResolver('changeAppListing', changeAppListing, listing),
    submitAppListing: commandResolver('submitAppListing', submitAppListing, listing),
    decideAppListing: commandResolver('decideAppListing', decideAppListing, listing),
    delistAppListing: commandResolver('delistAppListing', delistAppListing, listing),
    installApp: commandResolver('installApp', installApp, installation),
    changeInstallation: commandResolver('changeInstallation', changeInstallation, installation),
    reviewApp: commandResolver('reviewApp', reviewApp, {
      ...review,
      contended: ({ listingId }: ReviewAppInput) => [listingId],
    }),
    moderateReview: commandResolver('moderateReview', moderateReview, review),
  },
  AppListing: {
    __resolveReference: ({ id }: ById, { loaders }: CatalogContext) => loaders.listings.load(id),
    id: ({ _id }: AppListing) => _id,
    // Asked for another partner's app, its own subgraph has nothing to say, which would cost the page its listings.
    app: (own: AppListing, _args: unknown, context: CatalogContext) =>
      mayRead(own, context) ? { id: own.appId } : null,
    organization,
    publisher: async ({ organizationId }: AppListing, _args: unknown, { loaders }: CatalogContext) =>
      (await loaders.organizations.load(organizationId))?.name ?? null,
    decisionReason: (own: AppListing, _args: unknown, context: CatalogContext) =>
      mayRead(own, context) ? own.decisionReason : null,
    averageStars: ({ starsTotal, reviewCount }: AppListing) =>
      reviewCount === 0 ? null : Math.round((starsTotal / reviewCount) * 100) / 100,
    installation: ({ _id }: AppListing, _args: unknown, { loaders }: CatalogContext) =>
      loaders.liveInstallationOfListing.load(_id),
    reviews: ({ _id }: AppListing, args: ConnectionArgs, { loaders }: CatalogContext) =>
      loaders.reviewsOfListing(_id, args),
  },
  Installation: {
    __resolveReference: ({ id }: ById, { loaders }: CatalogContext) => loaders.installations.load(id),
    id: ({ _id }: Installation) => _id,
    listing: ({ listingId }: Installation, _args: unknown, { loaders }: CatalogContext) =>
      loaders.listings.load(listingId),
    organization,
  },
  Review: {
    __resolveReference: ({ id }: ById, { loaders }: CatalogContext) => loaders.reviews.load(id),
    id: ({ _id }: Review) => _id,
    organization,
    hidden: ({ state }: Review) => state === 'HIDDEN',
    hiddenReason: (own: Review, _args: unknown, context: CatalogContext) =>
      mayRead(own, context) ? own.hiddenReason : null,
  },
  Organization: {
    appListings: (
      { id }: ById,
      { state, ...args }: ConnectionArgs & { state?: AppListingState | null },
      { caller, loaders }: CatalogContext,
    ) => visibleOrganization(caller, id) && loaders.listingsOfOrganization(id, args, state ? { state } : {}),
  },
}
