import type { ClientSession } from 'mongoose'
import { expect, it } from 'vitest'
import { callerOf } from '../subgraphs/subgraph-under-test.ts'
import { createGroupedMutation, type GroupedCall } from '../../storage/mutate-in-groups.ts'
import { type MutationOutcome, prepareMutations } from '../../storage/mutate.ts'
import { openTestDatabase } from './test-database.ts'

interface Input {
  readonly thing: string
  readonly text: string
}

/** A mutation that notes its calls in a collection, and lets the test see which of them were done together. */
async function openNotes(mostGroups = 4) {
  const database = await openTestDatabase()
  const connection = await database.connect()
  await connection.createCollection('notes')
  await prepareMutations(connection)
  const groups: string[][] = []
  const gate = { open: Promise.resolve() }
  const context = { connection, caller: callerOf('northwind'), now: () => new Date() }
  type Context = typeof context
  const work = async (
    calls: readonly GroupedCall<Context, Input>[],
    session: ClientSession,
  ): Promise<readonly MutationOutcome[]> => {
    groups.push(calls.map(({ input }) => input.text))
    await gate.open
    const texts = calls.map(({ input }) => input.text)
    if (texts.includes('fails')) throw new Error('this one cannot be done')
    const accepted = texts.filter((text) => text !== 'refused')
    if (accepted.length > 0) {
      await connection.collection('notes').insertMany(
        accepted.map((text) => ({ text })),
        { session },
      )
    }
    return texts.map((text) =>
      text === 'refused'
        ? { id: null, userErrors: [{ code: 'REFUSED', field: null, message: 'no' }] }
        : { id: text, userErrors: [] },
    )
  }
  const again = () => {
    const keysOf = ({ thing }: Input) => thing.split(' ')
    const note = createGroupedMutation<Context, Input>({
      name: 'note',
      mostCalls: 10,
      mostKeys: 40,
      mostGroups,
      keysOf,
      work,
    })
    return (thing: string, text: string, idempotencyKey?: string) =>
      note(context, { input: { thing, text }, idempotencyKey })
  }
  return {
    groups,
    gate,
    again,
    note: again(),
    noted: async () => (await connection.collection('notes').find().toArray()).map(({ text }) => text as string),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

function createGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const resolvers: (() => void)[] = []
  const opened = new Promise<void>((resolve) => void resolvers.push(resolve))
  return { opened, open: () => resolvers.forEach((resolve) => resolve()) }
}

it('does a call at once and alone, and those that come meanwhile for the same thing together', async () => {
  await using notes = await openNotes()
  const calls = ['a', 'b', 'c', 'd'].map((text) => notes.note('x', text))
  expect((await Promise.all(calls)).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
  expect(notes.groups).toEqual([['a'], ['b', 'c', 'd']])
})

it('does calls for different things beside each other, as many groups as it may, and no group too large', async () => {
  await using notes = await openNotes(2)
  const { opened, open } = createGate()
  notes.gate.open = opened
  const calls = ['x', 'y', 'x', 'z'].map((thing, index) => notes.note(thing, `${thing}${index}`))
  const many = Array.from({ length: 15 }, (_, index) => notes.note('x', `m${index}`))
  await expect.poll(() => notes.groups.length).toBe(2)
  open()
  await Promise.all([...calls, ...many])
  expect(notes.groups.slice(0, 2)).toEqual([['x0'], ['y1']])
  expect(Math.max(...notes.groups.map(({ length }) => length))).toBe(10)
  const order = notes.groups.flat().filter((text) => text.startsWith('m'))
  expect(order).toEqual(Array.from({ length: 15 }, (_, index) => `m${index}`))
})

it('does fewer calls together when they change many things', async () => {
  await using notes = await openNotes()
  const things = Array.from({ length: 15 }, (_, index) => `x x${index}${' y z'.repeat(7)}`)
  await Promise.all(things.map((thing, index) => notes.note(thing, `${index}`)))
  expect(notes.groups.map(({ length }) => length)).toEqual([1, 2, 2, 2, 2, 2, 2, 2])
})

it('refuses some of a group without touching the others', async () => {
  await using notes = await openNotes()
  const calls = ['a', 'b', 'refused', 'c'].map((text) => notes.note('x', text))
  const outcomes = await Promise.all(calls)
  expect(outcomes.map(({ userErrors }) => userErrors.length)).toEqual([0, 0, 1, 0])
  expect((await notes.noted()).toSorted()).toEqual(['a', 'b', 'c'])
})

it('tells a failure to its own call only: the others of its group are done by themselves', async () => {
  await using notes = await openNotes()
  const settled = await Promise.allSettled(['a', 'b', 'fails', 'c'].map((text) => notes.note('x', text)))
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect((await notes.noted()).toSorted()).toEqual(['a', 'b', 'c'])
})

it('gives the same key one effect and one answer, in one group or several, and refuses it for another input', async () => {
  await using notes = await openNotes()
  const same = await Promise.all(Array.from({ length: 20 }, () => notes.note('x', 'once', 'key')))
  for (const outcome of same) expect(outcome).toEqual({ id: 'once', userErrors: [] })
  expect(await notes.noted()).toEqual(['once'])
  const refused = await Promise.all(Array.from({ length: 3 }, () => notes.note('x', 'refused', 'other key')))
  for (const { userErrors } of refused) expect(userErrors).toMatchObject([{ code: 'REFUSED' }])
  const mixed = await Promise.allSettled([notes.note('x', 'fresh'), notes.note('x', 'another', 'key')])
  expect(mixed.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect((await notes.noted()).toSorted()).toEqual(['fresh', 'once'])
})

it('gives one answer to a key that two processes work on at once', async () => {
  await using notes = await openNotes()
  // A second queue knows nothing of the first, as in another process.
  const elsewhere = notes.again()
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? notes.note : elsewhere)('x', 'mine', 'shared')),
  )
  for (const outcome of outcomes) expect(outcome).toEqual({ id: 'mine', userErrors: [] })
  expect(await notes.noted()).toEqual(['mine'])
})
