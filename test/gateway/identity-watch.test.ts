import { describe, expect, it } from 'vitest'
import { type WatchTimes, createIdentityWatch } from '../../gateway/identity/identity-watch.ts'
import type { LiveIdentity } from '../../gateway/request.ts'
import { createLogger } from '../../kit/log.ts'
import { createTestDirectory } from './caller-directory.ts'

/** A watch that looks often, by a clock that a test moves. */
function createTestWatch(times: Partial<WatchTimes> = {}) {
  const world = createTestDirectory()
  const { directory, changes, now, nowMs } = world
  const watch = createIdentityWatch({
    directory,
    changes,
    log: createLogger('test', 'silent'),
    now,
    nowMs,
    times: { lookMs: 5, ...times },
  })
  return { ...world, watch }
}

/** Why a caller has ended, once it has. */
function endOf(live: LiveIdentity): Promise<string> {
  return new Promise((resolve) => {
    live.listen(() => {
      if (live.ended) resolve(`${live.ended.code}: ${live.ended.message}`)
    })
  })
}

describe('what is open', () => {
  it('ends as soon as it is told that its caller has', async () => {
    const { watch, key, world, changes } = createTestWatch()
    const live = await watch.watch(key)
    const end = endOf(live)
    world.app = null
    changes.note('APP:app_1')
    expect(await end).toBe('UNAUTHENTICATED: The app id or key is not valid.')
  })

  it('of others goes on', async () => {
    const { watch, key, anyKey, world, changes } = createTestWatch()
    const [live, other] = [await watch.watch(key), await watch.watch(anyKey())]
    other.release()
    world.app = null
    const end = endOf(live)
    changes.note('ORGANIZATION:org_1')
    await end
    expect(other.ended).toBeNull()
  })

  it('goes on with fewer scopes, which it is told of', async () => {
    const { watch, key, world, changes } = createTestWatch()
    const live = await watch.watch(key)
    expect(live.current.caller.scopes).toEqual(['catalog:read', 'deals:read'])
    const changed = new Promise<void>((resolve) => live.listen(resolve))
    if (world.app) world.app.scopes = ['deals:read']
    changes.note('APP:app_1')
    await changed
    expect([live.ended, live.current.caller.scopes]).toEqual([null, ['deals:read']])
  })

  it.each([
    ['organizationId', 'org_2'],
    ['operator', true],
  ])('ends when its caller is another by %s', async (field, value) => {
    const { watch, key, world, changes } = createTestWatch()
    const live = await watch.watch(key)
    const end = endOf(live)
    Object.assign(world.app ?? {}, { [field]: value })
    changes.note('APP:app_1')
    expect(await end).toMatch(/^UNAUTHENTICATED/)
  })

  it('ends when nobody tells of it, by looking again', async () => {
    const { watch, key, world, clock } = createTestWatch()
    const live = await watch.watch(key)
    const end = endOf(live)
    world.app = null
    clock.ms += 5_000
    expect(await end).toMatch(/^UNAUTHENTICATED/)
  })

  it('ends when its caller cannot be looked up for fifteen seconds, and not before', async () => {
    const { watch, key, world, clock } = createTestWatch()
    const live = await watch.watch(key)
    const end = endOf(live)
    world.reachable = false
    const { partner } = world.asked
    clock.ms += 14_999
    await expect.poll(() => world.asked.partner).toBeGreaterThan(partner)
    expect(live.ended).toBeNull()
    clock.ms += 5_000
    expect(await end).toMatch(/^SUBGRAPH_UNAVAILABLE/)
  })

  it('ends when the question who it is for hangs', async () => {
    const { watch, key, world, clock } = createTestWatch()
    const live = await watch.watch(key)
    const end = endOf(live)
    world.slow = new Promise(() => undefined)
    clock.ms += 5_000
    const { partner } = world.asked
    await expect.poll(() => world.asked.partner).toBe(partner + 1)
    clock.ms += 10_000
    expect(await end).toMatch(/^SUBGRAPH_UNAVAILABLE/)
  })

  it('ends with the token that it was opened by', async () => {
    const { watch, issue, clock, changes } = createTestWatch()
    changes.follow(() => clock.ms - 600_000)
    const live = await watch.watch({ kind: 'token', token: await issue() })
    const end = endOf(live)
    clock.ms += 299_000
    await expect.poll(() => live.ended).toBeNull()
    clock.ms += 1_000
    expect(await end).toBe('UNAUTHENTICATED: The access token has expired.')
  })

  it('costs one look-up, however much is open for one caller', async () => {
    const { watch, key, world, changes } = createTestWatch()
    const lives = await Promise.all(Array.from({ length: 100 }, () => watch.watch(key)))
    const ends = lives.map(endOf)
    const before = world.asked.partner
    world.app = null
    changes.note('APP:app_1')
    await Promise.all(ends)
    expect(world.asked.partner).toBe(before + 1)
  })

  it('is looked after until all of it is released', async () => {
    const { watch, key, world, changes } = createTestWatch()
    const [one, two] = [await watch.watch(key), await watch.watch(key)]
    one.release()
    one.release()
    const end = endOf(two)
    world.app = null
    changes.note('APP:app_1')
    await end
    two.release()
    const { partner } = world.asked
    changes.note('APP:app_1')
    expect(world.asked.partner).toBe(partner)
  })
})

it('begins nothing for who is not known', async () => {
  const { watch, key, world } = createTestWatch()
  world.app = null
  await expect(watch.watch(key)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  await expect(watch.watch(null)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
})
