import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type RunningGateway, startGateway } from '../../gateway/start-gateway.ts'
import { readConfig } from '../../kit/config.ts'
import { seededId } from '../../kit/ids.ts'
import { createLogger } from '../../kit/log.ts'
import { demoAppKey, demoApps } from '../../subgraphs/demo-world/apps.ts'
import { demoOrganization } from '../../subgraphs/demo-world/organizations.ts'
import { whileRepeating } from '../e2e/while-repeating.ts'
import { type DemoDatabase, demoSecret, openDemoDatabase } from '../storage/demo-database.ts'

const callerOf = (slug: string): Caller => {
  const app = demoApps.find((candidate) => candidate.slug === slug)
  if (app === undefined) throw new Error(`the demo has no app ${slug}`)
  return { appId: app.id, key: demoAppKey(demoSecret, slug) }
}
/** Both may read stock; Pennine is in the gold tier, Polder in the silver one. */
const gold = callerOf('pennine-shop')
const silver = callerOf('polder-shop')
const operator = callerOf('operator-console')

interface Caller {
  readonly appId: string
  readonly key: string
}
interface Answer {
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are asserted on, not typed
  readonly data: any
  readonly errors?: readonly { readonly path: readonly (string | number)[]; readonly extensions: { code: string } }[]
}

let dataDir: string
let database: DemoDatabase
let gateway: RunningGateway

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-tiers-'))
  database = await openDemoDatabase()
  const config = readConfig({ PORT: '0', DATA_DIR: dataDir, ...database.settings })
  gateway = await startGateway({ config, log: createLogger('test', 'error') })
})
afterAll(async () => {
  await gateway.close()
  await database[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})

async function ask({ appId, key }: Caller, query: string, variables: object = {}): Promise<Answer> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tributary-app': appId, 'x-tributary-key': key },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()) as Answer
}

const levels = '{ inventoryLevels(first: 3) { nodes { availability available onHand sku { id } location { id } } } }'

it('shows quantities to the gold tier and the band to the silver one, with one error each', async () => {
  const shown = await ask(gold, levels)
  expect(shown.errors).toBeUndefined()
  const hidden = await ask(silver, levels)
  for (const [index, level] of shown.data.inventoryLevels.nodes.entries()) {
    const { available, onHand, ...rest } = level
    expect([typeof available, typeof onHand]).toEqual(['number', 'number'])
    expect(rest.availability).toBe(available === 0 ? 'OUT' : available <= 10 ? 'LOW' : 'IN_STOCK')
    expect(hidden.data.inventoryLevels.nodes[index]).toEqual({ ...rest, available: null, onHand: null })
  }
  expect(hidden.errors?.map(({ path, extensions }) => [path.at(-1), extensions.code])).toEqual([
    ['available', 'FORBIDDEN'],
    ['onHand', 'FORBIDDEN'],
  ])
})

it('tells the same change to both on the same subscription, each as its tier has it', async () => {
  const query = 'subscription { inventoryChanged { delta level { availability available } } }'
  const streams = await Promise.all([gold, silver].map((caller) => openStream(caller, query)))
  const [level] = (await ask(operator, levels)).data.inventoryLevels.nodes as {
    readonly sku: { readonly id: string }
    readonly location: { readonly id: string }
  }[]
  const [toGold, toSilver] = (await whileRepeating(Promise.all(streams.map(({ next }) => next())), async () => {
    const adjustments = [{ skuId: level?.sku.id, locationId: level?.location.id, delta: 7, reason: 'RESTOCK' }]
    const { data } = await ask(
      operator,
      'mutation ($input: AdjustInventoryInput!) { adjustInventory(input: $input) { userErrors { code } } }',
      { input: { adjustments } },
    )
    expect(data.adjustInventory.userErrors).toEqual([])
  })) as [Answer, Answer]
  expect(toGold.errors).toBeUndefined()
  expect(toGold.data.inventoryChanged).toMatchObject({ delta: 7, level: { available: expect.any(Number) as number } })
  expect(toSilver.data.inventoryChanged).toEqual({ delta: null, level: { availability: 'IN_STOCK', available: null } })
  expect(new Set(toSilver.errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['FORBIDDEN']))
  await Promise.all(streams.map(({ close }) => close()))
})

it('keeps the change of units from the silver tier when it polls for events as well', async () => {
  const query = '{ events(types: ["inventory.adjusted"], first: 250) { nodes { subject data } } }'
  const toGold = await ask(gold, query)
  const toSilver = await ask(silver, query)
  expect(dataOf(toGold).length).toBeGreaterThan(0)
  expect(new Set(dataOf(toGold).flat())).toContain('delta')
  // Another may have come into the log between the two.
  expect(dataOf(toSilver).length).toBeGreaterThanOrEqual(dataOf(toGold).length)
  expect(new Set(dataOf(toSilver).flat())).toEqual(new Set(['skuId', 'locationId', 'reason']))
})

it('has quantities in the schema of the gold tier alone, and the band in both', async () => {
  const query = '{ __type(name: "InventoryLevel") { fields { name } } }'
  const namesFor = async (caller: Caller): Promise<string[]> =>
    (await ask(caller, query)).data.__type.fields.map(({ name }: { name: string }) => name)
  expect(await namesFor(gold)).toEqual(expect.arrayContaining(['availability', 'available', 'onHand']))
  const seen = await namesFor(silver)
  expect(seen).toContain('availability')
  expect(seen).not.toContain('available')
})

it('cannot be asked for by an app, nor given by a tier that gives what is not a tier’s to give', async () => {
  const { data } = await ask(
    operator,
    `mutation { createPartnerTier(input: { name: "Platinum", level: 9, benefits: [], grants: ["billing:manage"] }) {
      partnerTier { id } userErrors { code field } } }`,
  )
  expect(data.createPartnerTier).toMatchObject({ partnerTier: null, userErrors: [{ field: ['input', 'grants'] }] })
})

it('narrows a stream that is open when its partner comes into a lower tier', async () => {
  const stream = await openStream(gold, 'subscription { inventoryChanged { delta level { availability } } }')
  const [level] = (await ask(operator, levels)).data.inventoryLevels.nodes as [
    { readonly sku: { readonly id: string }; readonly location: { readonly id: string } },
  ]
  const restock = () =>
    ask(
      operator,
      'mutation ($input: AdjustInventoryInput!) { adjustInventory(input: $input) { userErrors { code } } }',
      {
        input: { adjustments: [{ skuId: level.sku.id, locationId: level.location.id, delta: 1, reason: 'RESTOCK' }] },
      },
    )
  const before = await whileRepeating(stream.next(), restock)
  expect(before.data.inventoryChanged.delta).toBe(1)

  const { data } = await ask(
    operator,
    'mutation ($input: AssignTierInput!) { assignTier(input: $input) { userErrors { code } } }',
    {
      input: { organizationId: demoOrganization('pennine').id, tierId: seededId('PartnerTier', 'silver') },
    },
  )
  expect(data.assignTier.userErrors).toEqual([])
  const narrowed = async (): Promise<Answer> => {
    const answer = await stream.next()
    return answer.data.inventoryChanged.delta === null ? answer : narrowed()
  }
  const after = await whileRepeating(narrowed(), restock)
  expect(after.data.inventoryChanged).toEqual({ delta: null, level: { availability: 'IN_STOCK' } })
  expect(after.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
  await stream.close()
})

/** What the data of each polled event has. */
function dataOf({ data }: Answer): string[][] {
  return (data.events.nodes as { data: object }[]).map((event) => Object.keys(event.data))
}

async function openStream({ appId, key }: Caller, query: string) {
  const url = `${gateway.url.replace('http', 'ws')}/graphql`
  const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: { appId, key }, retryAttempts: 0 })
  const results = client.iterate({ query })
  return {
    next: async () => (await results.next()).value as unknown as Answer,
    close: async () => {
      await results.return?.()
      await client.dispose()
    },
  }
}
