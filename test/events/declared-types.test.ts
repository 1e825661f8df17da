import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HandedInEvent } from '../../kit/events.ts'
import { declaredTogether } from '../../subgraphs/schemas/declared-together.ts'
import { type EventDatabase, openEventDatabase } from './event-database.ts'

let database: EventDatabase
beforeAll(async () => {
  database = await openEventDatabase()
  database.startRelay()
})
afterAll(() => database?.[Symbol.asyncDispose]())

const used = { name: 'loyalty.used', description: 'Used.', scope: 'loyalty:read' }
const reader = { scopes: ['loyalty:read', 'loyalty:vip'], sandbox: false }
const declare = (...types: readonly (typeof used & { live?: boolean })[]) =>
  database.connection.transaction((session) =>
    database.events.declared.declare(
      session,
      'loyalty',
      types.map((type) => ({ live: true, ...type })),
    ),
  )
const idOf = async (sandbox = false): Promise<string | undefined> =>
  (await database.events.declared.readable({ ...reader, sandbox }))[0]?._id

const record = (...events: readonly HandedInEvent[]) =>
  database.connection.transaction((session) => database.events.record(session, events))
const inLog = async () => (await database.readAll()).map(({ id, declaration }) => [id, declaration])
const follow = (declarations: readonly string[] | 'any') => database.events.subscribe({ types: [], declarations })
const read = async (declarations: readonly string[], audience: string) =>
  (await database.events.read(0, { limit: 10, types: ['deal.won'], declarations, audience })).events.length

describe('a declaration of an event type', () => {
  it('stays what it is in other words, and with other types beside it', async () => {
    await declare(used)
    const id = await idOf()
    expect(id).toMatch(/^evtd_/)
    await declare({ ...used, description: 'Points were used.' }, { ...used, name: 'loyalty.given' })
    const types = await database.events.declared.readable(reader)
    expect(types.map(({ name, description }) => [name, description])).toEqual([
      ['loyalty.given', 'Used.'],
      ['loyalty.used', 'Points were used.'],
    ])
    await declare(used)
    expect(await idOf()).toBe(id)
  })

  it('is another one for other readers, and after it was taken away', async () => {
    const id = await idOf()
    await declare({ ...used, scope: 'loyalty:vip' })
    const other = await idOf()
    expect(other).not.toBe(id)
    await declare()
    expect(await idOf()).toBeUndefined()
    await declare({ ...used, scope: 'loyalty:vip' })
    expect(await idOf()).not.toBe(other)
  })

  it('is for the sandbox alone where only its graph declares it, and another one when the live one has it, too, or has it no more', async () => {
    await declare({ ...used, live: false })
    const tried = await idOf(true)
    expect([await idOf(), tried]).toEqual([undefined, expect.any(String)])
    await declare({ ...used, live: false })
    expect(await idOf(true)).toBe(tried)
    // What was handed in to try it is not for live apps.
    await declare(used)
    const live = await idOf()
    expect([live, await idOf(true)]).toEqual([expect.not.stringMatching(tried ?? ''), live])
    await declare({ ...used, live: false })
    expect([live, tried]).not.toContain(await idOf(true))
  })

  it('is read by its scope only, and does not concern those of other subgraphs', async () => {
    await declare(used)
    await database.connection.transaction((session) => database.events.declared.declare(session, 'perks', []))
    expect(await database.events.declared.readable({ scopes: ['deals:read'], sandbox: true })).toEqual([])
    expect(await database.events.declared.readable({ scopes: [], sandbox: true })).toEqual([])
    expect(await database.events.declared.readable(reader, ['loyalty.given'])).toEqual([])
    expect(await idOf()).toBeDefined()
  })

  it('is as the live graph has it, whatever the sandbox tries', () => {
    const version = { retirement: false, eventTypes: [used] }
    const tried = { ...used, scope: 'loyalty:vip' }
    const sandbox = {
      ...version,
      environment: 'SANDBOX' as const,
      eventTypes: [tried, { ...tried, name: 'loyalty.new' }],
    }
    expect(declaredTogether(sandbox, { ...version, environment: 'LIVE' })).toEqual([
      { ...used, live: true },
      { ...tried, name: 'loyalty.new', live: false },
    ])
    expect(declaredTogether({ ...sandbox, retirement: true }, null)).toEqual([])
  })
})

describe('an event of a subgraph', () => {
  const event: HandedInEvent = {
    id: 'evt_1',
    source: 'loyalty',
    type: 'loyalty.used',
    subject: 'loy_1',
    time: new Date('2026-11-02T09:30:00Z'),
    audience: ['org_1', 'org_2'],
    data: { points: 1, of: 'a' },
    declaration: 'evtd_1',
  }
  it('is recorded once, also when it has left the outbox, and whatever the order in which it is written', async () => {
    expect(await record(event)).toEqual({ recorded: 1, repeated: 0, reused: [] })
    await expect.poll(inLog).toEqual([['evt_1', 'evtd_1']])
    const again = { ...event, audience: ['org_2', 'org_1'], data: { of: 'a', points: 1 }, declaration: 'evtd_2' }
    expect(await record(again)).toEqual({ recorded: 0, repeated: 1, reused: [] })
  })

  it.each([
    ['data', { data: { points: 2, of: 'a' } }],
    ['organizations', { audience: ['org_1'] }],
    ['time', { time: new Date('2026-11-02T09:30:01Z') }],
    ['subject', { subject: 'loy_2' }],
  ])('is not taken for another one with its id: other %s', async (_, other) => {
    const next = { ...event, id: 'evt_2' }
    expect(await record(next, { ...event, ...other })).toEqual({ recorded: 0, repeated: 0, reused: ['evt_1'] })
    expect(await inLog()).toEqual([['evt_1', 'evtd_1']])
  })

  it('is read under its declaration and under no other, by whom it concerns', async () => {
    expect(await read(['evtd_1'], 'org_1')).toBe(1)
    expect(await read(['evtd_1'], 'org_3')).toBe(0)
    expect(await read(['evtd_2'], 'org_1')).toBe(0)
    expect(await read([], 'org_1')).toBe(0)
  })

  it('is told live to who follows its declaration, or any', async () => {
    const [mine, any, other] = [await follow(['evtd_1']), await follow('any'), await follow(['evtd_2'])]
    await record({ ...event, id: 'evt_3' }, { ...event, id: 'evt_4', declaration: 'evtd_2' })
    expect([await mine.next(), await any.next(), await other.next()].map(({ value }) => value?.id)).toEqual([
      'evt_3',
      'evt_3',
      'evt_4',
    ])
    for (const feed of [mine, any, other]) await feed.return?.()
  })
})
