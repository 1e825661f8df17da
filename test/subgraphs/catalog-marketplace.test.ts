import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createId, seededId } from '../../kit/ids.ts'
import { seedCatalog } from '../../subgraphs/catalog/seed.ts'
import { catalogSubgraph } from '../../subgraphs/catalog/subgraph.ts'
import { eventsAbout } from './events-about.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

const thamesgate = callerOf('thamesgate')
const northwind = callerOf('northwind')
const contoso = callerOf('contoso')

let catalog: SubgraphUnderTest
beforeAll(async () => {
  catalog = await startSubgraph(catalogSubgraph, seedCatalog)
})
afterAll(() => catalog.stop())

interface Listing {
  readonly id: string
  readonly state: string
  readonly averageStars: number | null
  readonly reviewCount: number
  readonly version: number
}
interface Payload {
  readonly appListing?: Listing | null
  readonly installation?: { readonly id: string; readonly state: string; readonly suspendedByOperator: boolean } | null
  readonly review?: { readonly id: string; readonly stars: number; readonly hidden: boolean } | null
  readonly userErrors: readonly { readonly code: string; readonly message: string }[]
}

const commands: Record<string, readonly [input: string, entity: string]> = {
  createAppListing: ['CreateAppListingInput', 'appListing { id state version }'],
  changeAppListing: ['ChangeAppListingInput', 'appListing { id state version }'],
  submitAppListing: ['AppListingCommandInput', 'appListing { id state version }'],
  decideAppListing: ['DecideAppListingInput', 'appListing { id state version }'],
  delistAppListing: ['AppListingCommandInput', 'appListing { id state version }'],
  installApp: ['InstallAppInput', 'installation { id state suspendedByOperator }'],
  changeInstallation: ['ChangeInstallationInput', 'installation { id state suspendedByOperator }'],
  reviewApp: ['ReviewAppInput', 'review { id stars hidden }'],
  moderateReview: ['ModerateReviewInput', 'review { id stars hidden }'],
}

async function command(as: typeof operator, name: string, input: Record<string, unknown>): Promise<Payload> {
  const [type = '', entity = ''] = commands[name] ?? []
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${entity} userErrors { code message } } }`
  const { data, errors } = await catalog.execute<Record<string, Payload>>(as, query, { input })
  expect(errors).toBeUndefined()
  return data[name] as Payload
}

async function read(as: typeof operator, id: string | undefined): Promise<Listing | null> {
  const query = 'query ($id: ID!) { appListing(id: $id) { id state averageStars reviewCount version } }'
  return (await catalog.execute<{ appListing: Listing | null }>(as, query, { id })).data.appListing
}

const texts = { name: 'Quoter', summary: 'Quotes.', description: 'Quotes at length.', category: 'Quoting' }

/** A new app of an organization, as the partner subgraph tells of it. */
async function newApp({ organizationId } = thamesgate): Promise<string> {
  const appId = createId('App')
  const data = { organizationId, name: 'Quoter', environment: 'LIVE' }
  await catalog.react({ type: 'app.created', subject: appId, data })
  return appId
}

/** A listing of a new app that is published. */
async function published(): Promise<string> {
  const { appListing } = await command(thamesgate, 'createAppListing', { appId: await newApp(), ...texts })
  const id = appListing?.id ?? ''
  await command(thamesgate, 'submitAppListing', { id })
  await command(operator, 'decideAppListing', { id, decision: 'PUBLISH' })
  return id
}

describe('a listing', () => {
  test('goes from draft over rejection to the marketplace, where everybody sees it', async () => {
    const made = await command(thamesgate, 'createAppListing', { appId: await newApp(), ...texts })
    const id = made.appListing?.id
    expect(made).toMatchObject({ appListing: { state: 'DRAFT', version: 1 } })
    expect(await read(northwind, id)).toBeNull()
    await command(thamesgate, 'submitAppListing', { id })
    const noReason = await command(operator, 'decideAppListing', { id, decision: 'REJECT' })
    expect(noReason.userErrors).toMatchObject([{ code: 'INVALID_INPUT' }])
    const rejected = await command(operator, 'decideAppListing', {
      id,
      decision: 'REJECT',
      reason: 'No privacy notice.',
    })
    expect(rejected).toMatchObject({ appListing: { state: 'REJECTED' } })
    await command(thamesgate, 'changeAppListing', { id, description: 'With a privacy notice.' })
    await command(thamesgate, 'submitAppListing', { id })
    const locked = await command(thamesgate, 'changeAppListing', { id, name: 'Other' })
    expect(locked.userErrors).toMatchObject([
      { code: 'NOT_EDITABLE', message: expect.stringContaining('SUBMITTED') as unknown },
    ])
    await command(operator, 'decideAppListing', { id, decision: 'PUBLISH' })
    expect(await read(northwind, id)).toMatchObject({ state: 'PUBLISHED' })
    const offered = await catalog.execute(
      northwind,
      'query ($id: ID!) { appListing(id: $id) { publisher organization { id } app { id } } }',
      { id },
    )
    expect(offered.data).toMatchObject({ appListing: { publisher: 'Thamesgate Software', organization: null } })
    const stale = await command(thamesgate, 'delistAppListing', { id, expectedVersion: 1 })
    expect(stale.userErrors).toMatchObject([{ code: 'STALE_VERSION' }])
    await command(thamesgate, 'delistAppListing', { id })
    expect(await read(northwind, id)).toBeNull()
    expect((await eventsAbout(catalog.connection, [id ?? ''])).map(({ type }) => type)).toEqual([
      'app_listing.created',
      'app_listing.submitted',
      'app_listing.rejected',
      'app_listing.changed',
      'app_listing.submitted',
      'app_listing.published',
      'app_listing.delisted',
    ])
  })

  test('is of an app of my own that is in use, and an app has one', async () => {
    const appId = await newApp()
    const stranger = await command(northwind, 'createAppListing', { appId, ...texts })
    expect(stranger.userErrors).toMatchObject([{ code: 'UNKNOWN_APP' }])
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => command(thamesgate, 'createAppListing', { appId, ...texts })),
    )
    expect(answers.filter(({ appListing }) => appListing)).toHaveLength(1)
    expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual(
      Array.from({ length: 9 }, () => 'ALREADY_LISTED'),
    )
  })

  test('of an organization whose partnership has ended leaves the marketplace, drafts included', async () => {
    const polder = callerOf('polder')
    const begin = async () => {
      const { appListing } = await command(polder, 'createAppListing', { appId: await newApp(polder), ...texts })
      return appListing?.id
    }
    const [draft, shown] = [await begin(), await begin()]
    await command(polder, 'submitAppListing', { id: shown })
    await command(operator, 'decideAppListing', { id: shown, decision: 'PUBLISH' })
    const data = {
      name: 'Polder',
      type: 'RESELLER',
      status: 'TERMINATED',
      tierId: null,
      territories: [],
      country: 'NL',
    }
    const terminated = { type: 'organization.terminated', subject: polder.organizationId, data }
    await catalog.react(terminated)
    await catalog.react(terminated)
    for (const id of [draft, shown]) {
      expect(await read(operator, id)).toMatchObject({ state: 'DELISTED' })
    }
    expect(await read(northwind, shown)).toBeNull()
  })

  test('of a revoked app leaves the marketplace, and no other can be begun', async () => {
    const appId = await newApp()
    const { appListing } = await command(thamesgate, 'createAppListing', { appId, ...texts })
    const revoked = { type: 'app.revoked', subject: appId, data: { organizationId: thamesgate.organizationId } }
    await catalog.react(revoked)
    await catalog.react(revoked)
    expect(await read(thamesgate, appListing?.id)).toMatchObject({ state: 'DELISTED', version: 2 })
    const again = await command(thamesgate, 'createAppListing', { appId, ...texts })
    expect(again.userErrors).toMatchObject([{ code: 'UNKNOWN_APP' }])
  })

  test("of another organization's is as one that does not exist", async () => {
    const id = await published()
    const theirs = await command(northwind, 'delistAppListing', { id })
    const nothing = await command(northwind, 'delistAppListing', { id: 'lst_nothing' })
    expect(theirs).toEqual(nothing)
    expect(theirs.userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    const { data } = await catalog.execute<{ appListings: unknown }>(
      northwind,
      '{ appListings(state: REJECTED) { totalCount nodes { id } } }',
    )
    expect(data.appListings).toEqual({ totalCount: 0, nodes: [] })
  })
})

test('states go where the tables say and nowhere else, whatever is commanded in whatever order', async () => {
  // Written out once more, by command, so that a slip in the product's tables shows.
  const listingCommands: Record<
    string,
    { run: (id: string) => Promise<Payload>; from: readonly string[]; to: string }
  > = {
    submit: {
      run: (id) => command(thamesgate, 'submitAppListing', { id }),
      from: ['DRAFT', 'REJECTED'],
      to: 'SUBMITTED',
    },
    publish: {
      run: (id) => command(operator, 'decideAppListing', { id, decision: 'PUBLISH' }),
      from: ['SUBMITTED'],
      to: 'PUBLISHED',
    },
    reject: {
      run: (id) => command(operator, 'decideAppListing', { id, decision: 'REJECT', reason: 'No.' }),
      from: ['SUBMITTED'],
      to: 'REJECTED',
    },
    delist: {
      run: (id) => command(thamesgate, 'delistAppListing', { id }),
      from: ['DRAFT', 'SUBMITTED', 'REJECTED', 'PUBLISHED'],
      to: 'DELISTED',
    },
  }
  const history = fc.array(fc.constantFrom(...Object.keys(listingCommands)), { maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(history, async (names) => {
      const { appListing } = await command(thamesgate, 'createAppListing', { appId: await newApp(), ...texts })
      const id = appListing?.id ?? ''
      let state = 'DRAFT'
      let version = 1
      for (const name of names) {
        const wanted = listingCommands[name]
        const answer = await wanted?.run(id)
        if (wanted?.from.includes(state)) {
          expect(answer?.userErrors).toEqual([])
          state = wanted.to
          version += 1
        } else {
          expect(answer?.userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
          expect(answer?.userErrors[0]?.message).toContain(`is ${state} and cannot become ${wanted?.to ?? ''}`)
        }
        expect(await read(operator, id)).toMatchObject({ state, version })
      }
    }),
    { numRuns: 20 },
  )
}, 60_000)

describe('an installation', () => {
  test('is one per organization and listing, however many install at once, and can be made anew', async () => {
    const listingId = await published()
    const install = () => command(northwind, 'installApp', { listingId })
    const answers = await Promise.all(Array.from({ length: 15 }, install))
    const ids = answers.flatMap(({ installation }) => installation?.id ?? [])
    expect(ids).toHaveLength(1)
    expect(new Set(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code)))).toEqual(
      new Set(['ALREADY_INSTALLED']),
    )
    await command(northwind, 'changeInstallation', { id: ids[0], action: 'UNINSTALL' })
    const back = await command(northwind, 'changeInstallation', { id: ids[0], action: 'RESUME' })
    expect(back.userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION', message: expect.stringContaining('UNINSTALLED') as unknown },
    ])
    expect(await install()).toMatchObject({ installation: { state: 'INSTALLED' }, userErrors: [] })
  })

  test('that the operator has suspended is resumed by the operator only', async () => {
    const listingId = await published()
    const { installation } = await command(northwind, 'installApp', { listingId })
    const id = installation?.id
    expect(await command(operator, 'changeInstallation', { id, action: 'SUSPEND' })).toMatchObject({
      installation: { state: 'SUSPENDED', suspendedByOperator: true },
    })
    const refused = await command(northwind, 'changeInstallation', { id, action: 'RESUME' })
    expect(refused.userErrors).toMatchObject([{ code: 'SUSPENDED_BY_OPERATOR' }])
    expect(await command(operator, 'changeInstallation', { id, action: 'RESUME' })).toMatchObject({
      installation: { state: 'INSTALLED', suspendedByOperator: false },
    })
    const stranger = await command(contoso, 'changeInstallation', { id, action: 'SUSPEND' })
    expect(stranger.userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  })

  test('that the operator has suspended is not got rid of by installing anew', async () => {
    const listingId = await published()
    const { installation } = await command(northwind, 'installApp', { listingId })
    const id = installation?.id
    await command(operator, 'changeInstallation', { id, action: 'SUSPEND' })
    const gone = await command(northwind, 'changeInstallation', { id, action: 'UNINSTALL' })
    expect(gone.userErrors).toMatchObject([{ code: 'SUSPENDED_BY_OPERATOR' }])
    expect(await command(operator, 'changeInstallation', { id, action: 'UNINSTALL' })).toMatchObject({
      installation: { state: 'UNINSTALLED' },
    })
  })

  test('that its organization has suspended can be suspended by the operator as well, once', async () => {
    const listingId = await published()
    const { installation } = await command(northwind, 'installApp', { listingId })
    const id = installation?.id
    await command(northwind, 'changeInstallation', { id, action: 'SUSPEND' })
    const twice = await command(northwind, 'changeInstallation', { id, action: 'SUSPEND' })
    expect(twice.userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    expect(await command(operator, 'changeInstallation', { id, action: 'SUSPEND' })).toMatchObject({
      installation: { state: 'SUSPENDED', suspendedByOperator: true },
    })
    const again = await command(operator, 'changeInstallation', { id, action: 'SUSPEND' })
    expect(again.userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    const back = await command(northwind, 'changeInstallation', { id, action: 'RESUME' })
    expect(back.userErrors).toMatchObject([{ code: 'SUSPENDED_BY_OPERATOR' }])
  })

  test('needs a published listing', async () => {
    const { appListing } = await command(thamesgate, 'createAppListing', { appId: await newApp(), ...texts })
    const own = await command(thamesgate, 'installApp', { listingId: appListing?.id })
    expect(own.userErrors).toMatchObject([{ code: 'NOT_PUBLISHED' }])
    const other = await command(northwind, 'installApp', { listingId: appListing?.id })
    expect(other.userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  })
})

describe('a review', () => {
  test('needs an installation, is not of my own app, and has one to five stars', async () => {
    const listingId = await published()
    const review = (as: typeof operator, stars: number) => command(as, 'reviewApp', { listingId, stars })
    expect((await review(northwind, 5)).userErrors).toMatchObject([{ code: 'NOT_INSTALLED' }])
    expect((await review(thamesgate, 5)).userErrors).toMatchObject([{ code: 'OWN_LISTING' }])
    expect((await review(northwind, 6)).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }])
    expect((await review(northwind, 0)).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }])
  })

  test('keeps its author from other partners, and when it is hidden itself too', async () => {
    const listingId = await published()
    await command(northwind, 'installApp', { listingId })
    const { review } = await command(northwind, 'reviewApp', { listingId, stars: 1, text: 'Rubbish!' })
    const reviews = async (as: typeof operator) => {
      const query = `query ($id: ID!) { appListing(id: $id) { averageStars reviews {
        totalCount nodes { stars hidden hiddenReason organization { id } } } } }`
      return (await catalog.execute<{ appListing: unknown }>(as, query, { id: listingId })).data.appListing
    }
    const shown = { stars: 1, hidden: false, hiddenReason: null }
    const mine = { id: northwind.organizationId }
    expect(await reviews(contoso)).toEqual({
      averageStars: 1,
      reviews: { totalCount: 1, nodes: [{ ...shown, organization: null }] },
    })
    expect(await reviews(northwind)).toMatchObject({ reviews: { nodes: [{ ...shown, organization: mine }] } })
    await command(operator, 'moderateReview', { id: review?.id, hidden: true, reason: 'Offensive.' })
    expect(await reviews(contoso)).toEqual({ averageStars: null, reviews: { totalCount: 0, nodes: [] } })
    expect(await reviews(northwind)).toMatchObject({
      averageStars: null,
      reviews: { nodes: [{ hidden: true, hiddenReason: 'Offensive.', organization: mine }] },
    })
  })

  test('counts once in the average, whatever many organizations and the operator do at once', async () => {
    const organizations = ['contoso', 'fjordline', 'baltica', 'oresund', 'suomitek', 'alpenland'].map((slug) =>
      callerOf(slug),
    )
    const act = fc.record({
      by: fc.nat(organizations.length - 1),
      kind: fc.constantFrom('review', 'review', 'hide', 'show'),
      stars: fc.integer({ min: 1, max: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(act, { minLength: 1, maxLength: 8 }), { maxLength: 4 }), async (rounds) => {
        const listingId = await published()
        await Promise.all(organizations.map((one) => command(one, 'installApp', { listingId })))
        const ids = new Map<number, string>()
        for (const round of rounds) {
          await Promise.all(
            round.map(async ({ by, kind, stars }) => {
              const id = ids.get(by)
              if (kind === 'review') {
                const { review } = await command(organizations[by] ?? contoso, 'reviewApp', { listingId, stars })
                ids.set(by, review?.id ?? '')
              } else if (id) {
                await command(operator, 'moderateReview', { id, hidden: kind === 'hide', reason: 'Because.' })
              }
            }),
          )
          const stored = await catalog.connection.collection('catalog_reviews').find({ listingId }).toArray()
          const counted = stored
            .filter(({ state }) => state === 'SHOWN')
            .map((review): number => Number(review['stars']))
          const sum = counted.reduce((total, stars) => total + stars, 0)
          const average = counted.length === 0 ? null : Math.round((sum / counted.length) * 100) / 100
          expect(new Set(stored.map((review): unknown => review['organizationId'])).size).toBe(stored.length)
          expect(await read(contoso, listingId)).toMatchObject({ averageStars: average, reviewCount: counted.length })
        }
      }),
      { numRuns: 12 },
    )
  }, 60_000)
})

test('the demo has listings in every state, and averages that are those of its reviews', async () => {
  const query = `query ($state: AppListingState) { appListings(state: $state, first: 100) {
    nodes { id averageStars reviews(first: 250) { nodes { stars hidden } } } } }`
  for (const state of ['DRAFT', 'SUBMITTED', 'PUBLISHED', 'REJECTED', 'DELISTED']) {
    interface Data {
      appListings: {
        nodes: { id: string; averageStars: number | null; reviews: { nodes: { stars: number; hidden: boolean }[] } }[]
      }
    }
    const { data } = await catalog.execute<Data>(operator, query, { state })
    expect(data.appListings.nodes.length).toBeGreaterThan(0)
    for (const { averageStars, reviews } of data.appListings.nodes) {
      const stars = reviews.nodes.filter(({ hidden }) => !hidden).map((review) => review.stars)
      const sum = stars.reduce((total, one) => total + one, 0)
      expect(averageStars).toBe(stars.length === 0 ? null : Math.round((sum / stars.length) * 100) / 100)
    }
  }
  expect(await read(callerOf('lutece'), seededId('AppListing', 'rhone-boutique'))).toBeNull()
})
