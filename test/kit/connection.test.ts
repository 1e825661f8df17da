import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConnectionArgs, type PageRequest, readConnection } from '../../kit/connection.ts'
import { CodedError } from '../../kit/errors.ts'

interface Item {
  readonly _id: string
  readonly rank: number
}

/** Reads a page as MongoDB would with the filter that readConnection makes; answers that filter too. */
async function readPage(items: readonly Item[], args: ConnectionArgs, direction: 1 | -1 = 1) {
  let after: PageRequest['after'] = {}
  const connection = await readConnection<Item>(args, {
    sortField: 'rank',
    direction,
    read: (page) => {
      after = page.after
      const parts = partsOf(page.after)
      const isBeyond = ({ rank, _id }: Item): boolean =>
        parts === undefined ||
        (direction * (rank - bound(parts.from.rank)) >= 0 &&
          (direction * (rank - bound(parts.beyond.rank)) > 0 ||
            direction * compare(_id, String(bound(parts.ties._id))) > 0))
      const sorted = items.toSorted((a, b) => direction * (a.rank - b.rank || compare(a._id, b._id)))
      return Promise.resolve(sorted.filter(isBeyond).slice(0, page.limit))
    },
    count: () => Promise.resolve(items.length),
  })
  return { connection, after }
}

interface Range {
  readonly rank?: unknown
  readonly _id?: unknown
}

/** The three conditions of a keyset filter; undefined for the first page. */
function partsOf(after: PageRequest['after']): { from: Range; beyond: Range; ties: Range } | undefined {
  const conditions = after['$and'] as [Range, { $or: [Range, Range] }] | undefined
  if (conditions === undefined) return undefined
  const [from, { $or }] = conditions
  return { from, beyond: $or[0], ties: $or[1] }
}

/** The value of `{ $gt: value }` or `{ $lt: value }`. */
function bound(condition: unknown): number {
  const [value] = Object.values(condition as Record<string, number>)
  return value as number
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const items = fc
  .uniqueArray(fc.record({ _id: fc.string({ minLength: 1, maxLength: 3 }), rank: fc.integer({ min: 0, max: 4 }) }), {
    selector: ({ _id }) => _id,
    maxLength: 30,
  })
  .map((list): readonly Item[] => list)

const forge = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

async function expectBadInput(args: ConnectionArgs, argument: string): Promise<void> {
  const refused = await readPage([], args).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(refused).toBeInstanceOf(CodedError)
  expect((refused as CodedError).extensions).toEqual({ code: 'BAD_USER_INPUT', argument })
}

describe('a connection', () => {
  it('gives every item once in order, page by page, whatever the page size', async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.integer({ min: 1, max: 7 }), fc.constantFrom(1, -1), async (all, first, direction) => {
        const read: string[] = []
        let after: string | null = null
        for (;;) {
          const { connection }: { connection: Awaited<ReturnType<typeof readPage>>['connection'] } = await readPage(
            all,
            { first, after },
            direction,
          )
          read.push(...connection.nodes.map(({ _id }) => _id))
          expect(connection.nodes.length).toBeLessThanOrEqual(first)
          expect(connection.edges.at(-1)?.cursor ?? null).toBe(connection.pageInfo.endCursor)
          expect(connection.pageInfo.hasPreviousPage).toBe(after !== null)
          if (!connection.pageInfo.hasNextPage) break
          after = connection.pageInfo.endCursor
        }
        const inOrder = all.toSorted((a, b) => direction * (a.rank - b.rank || compare(a._id, b._id)))
        expect(read).toEqual(inOrder.map(({ _id }) => _id))
      }),
    )
  })

  it('goes on behind the cursor although the item it names is gone and others have come', async () => {
    const rows = [1, 2, 3, 4].map((rank) => ({ _id: `i${rank}`, rank }))
    const { connection } = await readPage(rows, { first: 2 })
    const changed = [{ _id: 'new', rank: 0 }, ...rows.filter(({ rank }) => rank !== 2)]
    const next = await readPage(changed, { first: 2, after: connection.pageInfo.endCursor })
    expect(next.connection.nodes.map(({ _id }) => _id)).toEqual(['i3', 'i4'])
  })

  it.each([0, -1, 251, 1.5, Number.NaN])('refuses first: %d', (first) => expectBadInput({ first }, 'first'))

  it('takes 25 when nothing is said, and null for nothing said', async () => {
    const many = Array.from({ length: 30 }, (_, rank) => ({ _id: String(rank), rank }))
    for (const args of [{}, { first: null, after: null }, { after: '' }]) {
      expect((await readPage(many, args)).connection.nodes).toHaveLength(25)
    }
  })

  it.each([
    'nonsense',
    '%%%',
    forge(null),
    forge({}),
    forge([]),
    forge([1]),
    forge([1, 2]),
    forge([1, 'a', 'b']),
    forge([null, 'a']),
    forge([true, 'a']),
    forge([{ $gt: '' }, 'a']),
    forge([['a'], 'a']),
    forge([1, { $ne: null }]),
    forge([{ date: 'soon' }, 'a']),
    forge([{ date: { $gt: 0 } }, 'a']),
    forge([{ $where: 'sleep(1000)' }, 'a']),
  ])('refuses the forged cursor %s', (after) => expectBadInput({ after }, 'after'))

  it('lets no cursor bring an operator into the filter', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.json(), async (value, id) => {
        const cursor = Buffer.from(`[${value},${id}]`).toString('base64url')
        const page = await readPage([], { after: cursor }).catch(() => undefined)
        if (page === undefined) return
        const parts = partsOf(page.after)
        if (parts === undefined) throw new Error('the cursor was taken for none')
        for (const part of [bound(parts.from.rank), bound(parts.beyond.rank), bound(parts.ties._id)] as unknown[]) {
          expect(typeof part === 'string' || typeof part === 'number' || part instanceof Date).toBe(true)
        }
      }),
    )
  })
})
