import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { prepareEventLog } from '../../events/event-log.ts'
import { seededId } from '../../kit/ids.ts'
import { prepareMutations } from '../../storage/mutate.ts'
import { emptyLevel } from '../../subgraphs/inventory/levels/level-model.ts'
import { createInventoryModels, prepareInventory } from '../../subgraphs/inventory/models.ts'
import { openLevels } from '../../subgraphs/inventory/seed.ts'
import { openTestDatabase } from '../storage/test-database.ts'

interface Answer {
  readonly key: string
  readonly errors?: unknown
  readonly data?: {
    readonly reserveInventory: {
      readonly reservations: readonly { readonly id: string }[] | null
      readonly userErrors: readonly { readonly code: string }[]
    }
  }
}

const script = fileURLToPath(new URL('./inventory-race/buyers.ts', import.meta.url))
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const units = 100
const processes = 4
const buyersEach = 250
/** Answers after which a process is killed; the last one lives. */
const killedAfter = [5, 20, 60]

/** Reads the answers of a process of buyers until it ends, or is killed after some of them. */
async function buy(args: readonly string[], killAfter = Infinity): Promise<Answer[]> {
  const child: ChildProcess = spawn(process.execPath, ['--import', loader, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const answers: Answer[] = []
  if (!child.stdout) throw new Error('the process has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line) as Answer | 'done'
    if (told !== 'done') answers.push(told)
    if (answers.length === killAfter) child.kill('SIGKILL')
  }
  await ended
  return answers
}

it('sells 100 units to 1,000 buyers of several processes, three of which are killed and try again', async () => {
  await using database = await openTestDatabase()
  const connection = await database.connect()
  await prepareEventLog(connection)
  await prepareMutations(connection)
  const models = createInventoryModels({ connection, now: () => new Date() })
  await prepareInventory(models)
  const [skuId, locationId] = [seededId('Sku', 'race'), seededId('Location', 'race')]
  const level = { ...emptyLevel(skuId, locationId, new Date()), available: units, version: 1 }
  await openLevels(models, [level])

  const told = await Promise.all(
    Array.from({ length: processes }, async (_, index) => {
      const args = [database.uri, skuId, locationId, `buyers-${index}`, String(buyersEach)]
      const killAfter = killedAfter[index]
      const before = killAfter === undefined ? [] : await buy(args, killAfter)
      // Those who had no answer cannot know what became of their orders: all ask again, with the same keys.
      return [...before, ...(await buy(args))]
    }),
  )
  const answers = told.flat()
  expect(answers.filter(({ errors }) => errors !== undefined)).toEqual([])
  const byKey = new Map<string, string>()
  for (const { key, data } of answers) {
    const answer = JSON.stringify(data?.reserveInventory)
    // The same key has the same answer, before the kill and after it.
    expect(byKey.get(key) ?? answer).toBe(answer)
    byKey.set(key, answer)
  }
  expect(byKey.size).toBe(processes * buyersEach)
  const sold = [...byKey.values()].filter((answer) => answer.includes('"userErrors":[]'))
  const refused = [...byKey.values()].filter((answer) => answer.includes('INSUFFICIENT_STOCK'))
  expect([sold.length, refused.length]).toEqual([units, processes * buyersEach - units])
  expect(new Set(sold).size).toBe(units)
  const [after] = await models.levels.byIds([level._id])
  expect(after).toMatchObject({ available: 0, reserved: units, version: units + 1 })
  expect(await connection.collection('reservations').countDocuments({ skuId })).toBe(units)
}, 180_000)
