import { execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { call } from './call.ts'
import { type Product, root, startCommand } from './product.ts'
import { firstEvent } from './streams.ts'
import { whileRepeating } from './while-repeating.ts'

const run = promisify(execFile)

/** Installing and building take this long on a slow machine whose other core runs other tests. */
const startTimeout = 300_000

const folder = mkdtempSync(join(tmpdir(), 'tributary-clone-'))
const clone = join(folder, 'tributary')
const environment = emptyEnvironment(join(folder, 'home'))
afterAll(() => rmSync(folder, { recursive: true, force: true }), 120_000)

const reached = await run('npm', ['ping'], { env: environment, timeout: 30_000 }).then(
  () => true,
  () => false,
)
if (!reached) process.stdout.write('fresh-clone.test.ts is skipped: npm cannot reach its registry.\n')

describe.skipIf(!reached)('a fresh clone', () => {
  let first: Product | undefined
  let second: Product | undefined
  let firstStartMs = 0
  let level: { id: string; available: number } | undefined
  let built: number[] = []

  afterAll(async () => {
    await first?.[Symbol.asyncDispose]()
    await second?.[Symbol.asyncDispose]()
  })

  it(
    'installs, builds and starts with `npm start` alone, telling what it does',
    async () => {
      await copyCheckout()
      const begun = performance.now()
      first = await npmStart()
      firstStartMs = performance.now() - begun
      expect(first.output()).toMatch(/Installing packages: done in [\d.]+ s/)
      expect(first.output()).toMatch(/Building the server and the portal: done in [\d.]+ s/)
      built = buildTimes()
    },
    startTimeout,
  )

  it('answers the printed curl command with data of five subgraphs and its cost', async () => {
    const { stdout } = await run('bash', ['-c', started(first).curls[0]])
    const { data, errors, extensions } = JSON.parse(stdout)
    expect(errors).toBeUndefined()
    const { apps, dealRegistrations, invoices, tier } = data.myOrganization
    const [sku] = data.products.nodes[0].skus.nodes
    // partner, billing, deals, billing again, catalog, inventory
    expect(tier.name).toBe('Gold')
    expect(apps.nodes[0].plan.name).toEqual(expect.any(String))
    expect(dealRegistrations.totalCount).toBeGreaterThan(0)
    expect(invoices.nodes[0].total.amount).toMatch(/^\d+\.\d\d$/)
    expect(sku.price.unitPrice.amount).toMatch(/^\d+\.\d\d$/)
    expect(sku.inventory[0].onHand).toEqual(expect.any(Number))
    expect(extensions.cost).toMatchObject({
      requestedQueryCost: expect.any(Number),
      actualQueryCost: expect.any(Number),
      throttleStatus: { maximumAvailable: expect.any(Number) },
    })
  })

  it('shows on the printed stream command what a mutation changes', async () => {
    const product = started(first)
    const { data } = await call(product, product.operator, levelsQuery)
    const { id, available, sku, location } = (data.inventoryLevels.nodes as Level[]).find(
      (candidate) => candidate.available > 100,
    ) as Level
    const curl = spawn('bash', ['-c', `exec ${product.curls[1]}`], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const event = await whileRepeating(firstEvent(curl.stdout), async () => {
        const { data: answer } = await call(product, product.operator, saleMutation, {
          adjustments: [{ skuId: sku.id, locationId: location.id, delta: -1, reason: 'SALE' }],
        })
        expect(answer.adjustInventory.userErrors).toEqual([])
      })
      expect(event.data.inventoryChanged).toMatchObject({
        reason: 'SALE',
        delta: -1,
        level: { sku: { code: sku.code } },
      })
    } finally {
      curl.kill()
    }
    level = await readLevel(product, id)
    expect(level.available).toBeLessThan(available)
  })

  it('ends cleanly on Ctrl-C', () => endsCleanly(started(first)), 60_000)

  it(
    'starts a second time without installing or building, sooner, with its data kept',
    async () => {
      const begun = performance.now()
      second = await npmStart()
      expect(performance.now() - begun).toBeLessThan(Math.max(firstStartMs / 2, 5_000))
      expect(second.output()).not.toMatch(/Installing|Building/)
      expect(buildTimes()).toEqual(built)
      expect(second.portal).toEqual(started(first).portal)
      expect(await readLevel(second, level?.id)).toEqual(level)
      await endsCleanly(second)
    },
    startTimeout,
  )
})

interface Level {
  readonly id: string
  readonly available: number
  readonly sku: { readonly id: string; readonly code: string }
  readonly location: { readonly id: string }
}

const levelsQuery = '{ inventoryLevels(first: 50) { nodes { id available sku { id code } location { id } } } }'
const saleMutation = `mutation ($adjustments: [InventoryAdjustmentInput!]!) {
  adjustInventory(input: { adjustments: $adjustments }) { userErrors { code message } } }`

async function readLevel(product: Product, id: string | undefined): Promise<{ id: string; available: number }> {
  const { data } = await call(
    product,
    product.operator,
    'query ($id: ID!) { inventoryLevel(id: $id) { id available onHand version } }',
    { id },
  )
  return data.inventoryLevel
}

function started(product: Product | undefined): Product {
  if (product === undefined) throw new Error('the product has not started')
  return product
}

/** Exactly the command of the README. */
function npmStart(): Promise<Product> {
  return startCommand('npm', ['start'], { cwd: clone, env: environment })
}

/** A shell between npm and the product ends by the signal once the product has ended, and then so does npm. */
async function endsCleanly(product: Product): Promise<void> {
  const before = product.output().length
  expect(await product.stop()).toBeOneOf([0, null])
  const last = product.output().slice(before)
  expect(last.trim()).toBe('Stopping …')
}

/** When the parts of the installation and of the build were last written. */
function buildTimes(): number[] {
  return ['node_modules/.package-lock.json', 'dist/.server-inputs', 'dist/.portal-inputs', 'dist/gateway/main.js'].map(
    (file) => statSync(join(clone, file)).mtimeMs,
  )
}

/** What a clone of this state would hold: files that are committed, or new and not ignored. */
async function copyCheckout(): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
  })
  for (const file of stdout.split('\0')) {
    // A linked node_modules is no folder to git's ignore rule; a file may be deleted and not yet committed.
    if (file === '' || file === 'node_modules' || !existsSync(join(root, file))) continue
    cpSync(join(root, file), join(clone, file))
  }
}

/** PATH and a home of its own, and besides only what npm needs on this machine to reach its registry and its cache. */
function emptyEnvironment(home: string): NodeJS.ProcessEnv {
  const { PATH, npm_config_cache: cache, NPM_CONFIG_CACHE = cache } = process.env
  const userconfig = process.env['npm_config_userconfig'] ?? process.env['NPM_CONFIG_USERCONFIG']
  const globalconfig = process.env['npm_config_globalconfig'] ?? process.env['NPM_CONFIG_GLOBALCONFIG']
  return {
    PATH,
    HOME: home,
    PORT: '0',
    npm_config_cache: NPM_CONFIG_CACHE ?? join(homedir(), '.npm'),
    npm_config_userconfig: userconfig ?? join(homedir(), '.npmrc'),
    ...(globalconfig === undefined ? {} : { npm_config_globalconfig: globalconfig }),
  }
}
