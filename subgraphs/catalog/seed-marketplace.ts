import { seededId } from '../../kit/ids.ts'
import { demoApps } from '../demo-world/apps.ts'
import { daysBefore } from '../demo-world/deterministic.ts'
import { type DemoListing, demoListings } from '../demo-world/listings.ts'
import { demoOrganization } from '../demo-world/organizations.ts'
import type { CatalogModels } from './catalog-models.ts'
import { type AppListing, listingWords } from './marketplace/app-listing-model.ts'
import type { Installation } from './marketplace/installation-model.ts'
import type { Review } from './marketplace/review-model.ts'

const asTheyAre = { lean: true } as const

/** Writes the demo's marketplace: listings in every state, who uses them and what they think. */
export async function seedMarketplace({ listings, installations, reviews, now }: CatalogModels): Promise<void> {
  const made = demoListings.map((listing) => marketplaceOf(listing, now()))
  await listings.model.insertMany(
    made.map(({ listing }) => listing),
    asTheyAre,
  )
  await installations.model.insertMany(
    made.flatMap((one) => one.installations),
    asTheyAre,
  )
  await reviews.model.insertMany(
    made.flatMap((one) => one.reviews),
    asTheyAre,
  )
}

function marketplaceOf(demo: DemoListing, now: Date) {
  const app = demoApps.find(({ slug }) => slug === demo.app)
  if (!app) throw new Error(`no demo app ${demo.app}`)
  const listingId = seededId('AppListing', demo.app)
  const created = daysBefore(now, demo.createdDaysAgo, demo.app)
  const stars = demo.installedBy.flatMap(([, , given]) => given ?? [])
  const listing: AppListing = {
    _id: listingId,
    appId: app.id,
    organizationId: demoOrganization(app.organization).id,
    name: demo.name,
    summary: demo.summary,
    description: demo.description,
    category: demo.category,
    state: demo.state,
    live: demo.state !== 'DELISTED',
    decisionReason: demo.reason,
    publishedAt: demo.state === 'PUBLISHED' || demo.state === 'DELISTED' ? created : null,
    starsTotal: stars.reduce((sum, given) => sum + given, 0),
    reviewCount: stars.length,
    words: listingWords(demo),
    version: 1,
    createdAt: created,
    updatedAt: created,
  }
  const used = demo.installedBy.map(([slug, state, given, text], place) => {
    const key = `${demo.app}:${slug}`
    const at = daysBefore(now, Math.max(1, demo.createdDaysAgo - 10 * (place + 1)), key)
    const common = {
      listingId,
      organizationId: demoOrganization(slug).id,
      version: 1,
      createdAt: at,
      updatedAt: at,
    }
    const installation: Installation = {
      _id: seededId('Installation', key),
      ...common,
      state,
      live: state !== 'UNINSTALLED',
      suspendedByOperator: false,
    }
    const review: Review | null =
      given === null
        ? null
        : { _id: seededId('Review', key), ...common, stars: given, text, state: 'SHOWN', hiddenReason: null }
    return { installation, review }
  })
  return {
    listing,
    installations: used.map(({ installation }) => installation),
    reviews: used.flatMap(({ review }) => review ?? []),
  }
}
