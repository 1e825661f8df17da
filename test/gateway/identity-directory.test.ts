import { describe, expect, it } from 'vitest'
import { createTestDirectory } from './caller-directory.ts'

describe('a caller', () => {
  it('is looked up every two seconds while nobody tells of changes', async () => {
    const { directory, key, world, clock } = createTestDirectory()
    await directory.identify(key)
    clock.ms += 1_999
    await directory.identify(key)
    expect(world.asked).toEqual({ partner: 1, billing: 1 })
    clock.ms += 1
    await directory.identify(key)
    expect(world.asked).toEqual({ partner: 2, billing: 2 })
  })

  it('is believed for fifteen seconds while all changes are told', async () => {
    const { directory, key, world, clock, changes } = createTestDirectory()
    changes.follow(() => clock.ms - 60_000)
    await directory.identify(key)
    clock.ms += 14_999
    await directory.identify(key)
    expect(world.asked).toEqual({ partner: 1, billing: 1 })
    clock.ms += 1
    await directory.identify(key)
    expect(world.asked).toEqual({ partner: 2, billing: 2 })
  })

  it('is looked up anew when it was looked up before changes were told', async () => {
    const { directory, key, world, clock, changes } = createTestDirectory()
    await directory.identify(key)
    clock.ms += 3_000
    const since = clock.ms
    changes.follow(() => since)
    await directory.identify(key)
    expect(world.asked.partner).toBe(2)
  })

  it.each(['APP:app_1', 'ORGANIZATION:org_1', 'SCOPE:loyalty:read'])('falls with a change of %s', async (subject) => {
    const { directory, key, world, changes } = createTestDirectory()
    if (world.app) world.app.declaredScopes = ['loyalty:read']
    await directory.identify(key)
    world.app = null
    await directory.identify(key)
    changes.note('APP:app_2')
    await directory.identify(key)
    changes.note(subject)
    await expect(directory.identify(key)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it.each(['APP:app_1', 'ORGANIZATION:org_1', 'PLAN:plan_test'])(
    'has other limits after a change of %s',
    async (subject) => {
      const { directory, key, world, changes } = createTestDirectory()
      await directory.identify(key)
      world.limits.readOnly = true
      expect((await directory.identify(key)).limits.readOnly).toBe(false)
      changes.note(subject)
      expect((await directory.identify(key)).limits.readOnly).toBe(true)
    },
  )

  it('that was being looked up when a change came is not believed', async () => {
    const { directory, key, world, changes } = createTestDirectory()
    let answer: (() => void) | undefined
    world.slow = new Promise((resolve) => {
      answer = resolve
    })
    const before = directory.identify(key)
    world.app = null
    changes.note('APP:app_1')
    answer?.()
    await before
    await expect(directory.identify(key)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('with a quota is counted anew every two seconds, without being looked up', async () => {
    const { directory, key, world, clock, changes } = createTestDirectory()
    changes.follow(() => clock.ms - 60_000)
    world.limits = { ...world.limits, monthlyCalls: 100 }
    await directory.identify(key)
    clock.ms += 2_000
    await directory.identify(key)
    expect(world.asked).toEqual({ partner: 1, billing: 2 })
  })

  it('is refused from the moment on at which its key expires', async () => {
    const { directory, key, world, clock, changes } = createTestDirectory()
    changes.follow(() => clock.ms - 60_000)
    if (world.app) world.app.credentialExpiresAt = new Date(clock.ms + 1_000).toISOString()
    await directory.identify(key)
    world.app = null
    clock.ms += 999
    await directory.identify(key)
    clock.ms += 1
    await expect(directory.identify(key)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('is not known, which is no fault of its own, while a subgraph is out of reach', async () => {
    const { directory, key, world, clock } = createTestDirectory()
    await directory.identify(key)
    world.reachable = false
    clock.ms += 1_999
    await directory.identify(key)
    clock.ms += 1
    await expect(directory.identify(key)).rejects.toThrow()
    world.reachable = true
    await directory.identify(key)
  })
})

describe('a token', () => {
  it('is refused when it has expired, however lately it was verified', async () => {
    const { directory, issue, clock, changes } = createTestDirectory()
    changes.follow(() => clock.ms - 600_000)
    const token = { kind: 'token', token: await issue() } as const
    for (let second = 0; second < 299; second += 1) {
      await directory.identify(token)
      clock.ms += 1_000
    }
    clock.ms += 1_000
    await expect(directory.identify(token)).rejects.toMatchObject({ message: 'The access token has expired.' })
  })

  it('is told apart from one that differs in its signature only', async () => {
    const { directory, issue } = createTestDirectory()
    const token = await issue()
    await directory.identify({ kind: 'token', token })
    const other = `${token.slice(0, -6)}AAAAAA`
    await expect(directory.identify({ kind: 'token', token: other })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})

const attacker = () => '192.0.2.1'

describe('an address', () => {
  const attemptLimit = { most: 3, windowMs: 60_000 }

  it('from which too many credentials failed is told when to come back, before any look-up', async () => {
    const { directory, anyKey, world, clock } = createTestDirectory({ attemptLimit })
    world.app = null
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(directory.identify(anyKey(), attacker)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    }
    const { partner } = world.asked
    clock.ms += 10_000
    for (const credentials of [anyKey(), { kind: 'key', appId: 'app_1', key: 'mistyped' } as const]) {
      const refusal = { code: 'THROTTLED', extensions: { retryAfter: 50 } }
      await expect(directory.identify(credentials, attacker)).rejects.toMatchObject(refusal)
    }
    expect(world.asked.partner).toBe(partner)
    await expect(directory.identify(anyKey(), () => '192.0.2.2')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    clock.ms += 50_000
    await expect(directory.identify(anyKey(), attacker)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('keeps those who are known there, by key and by token', async () => {
    const { directory, key, issue, world, clock } = createTestDirectory({ attemptLimit })
    const token = { kind: 'token', token: await issue() } as const
    await directory.identify(key, attacker)
    await directory.identify(token, attacker)
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await expect(directory.identify({ kind: 'token', token: `x.y.${attempt}` }, attacker)).rejects.toThrow()
    }
    clock.ms += 5_000
    await directory.identify(key, attacker)
    await directory.identify(token, attacker)
    const another = { kind: 'token', token: await issue('tok_2') } as const
    await expect(directory.identify(another, attacker)).rejects.toMatchObject({ code: 'THROTTLED' })
    world.app = null
    clock.ms += 5_000
    await expect(directory.identify(key, attacker)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(directory.identify(key, attacker)).rejects.toMatchObject({ code: 'THROTTLED' })
  })
})
