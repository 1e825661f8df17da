import { describe, expect, it } from 'vitest'
import type { Usage } from '../../gateway/cost/usage-recorder.ts'
import { type NotedUse, createDeprecationNotices } from '../../gateway/reports/deprecation-notices.ts'
import { notingDeprecations } from '../../gateway/reports/noting-deprecations.ts'
import { createLogger } from '../../kit/log.ts'
import { type MiniSubgraph, type PipelineOptions, createMiniGraph } from './mini-graph.ts'

const log = createLogger('test', 'silent')
const during = new Date('2027-02-01T09:30:00Z')
const before = new Date('2027-02-01T08:59:59Z')
const after = new Date('2027-02-01T10:00:00Z')
const manyFields = Array.from({ length: 25 }, (_, index) => `many${index}`)

const library: MiniSubgraph = {
  name: 'library',
  sdl: `
    extend schema
      @link(url: "https://tributary.dev/specs/sunset/v1.0", import: ["@sunset"]) @composeDirective(name: "@sunset")
    directive @sunset(date: String!, replacement: String, brownouts: [String!]) on FIELD_DEFINITION | ARGUMENT_DEFINITION
    type Query {
      book: Book @authenticated
      shelf(
        by: String
          @deprecated(reason: "Sorted anyway.")
          @sunset(date: "2027-04-01", brownouts: ["2027-02-01T09:00Z/2027-02-01T10:00Z"])
      ): Int @authenticated
      ${manyFields.map((name) => `${name}: Int @authenticated @deprecated(reason: "Too many.")`).join('\n')}
    }
    type Subscription { lent: Book @authenticated }
    type Book @authenticated {
      title: String
      isbn10: String
        @deprecated(reason: "Books have longer numbers.")
        @sunset(date: "2027-03-01", replacement: "Book.isbn", brownouts: ["2027-02-01T09:00Z/2027-02-01T10:00Z"])
      isbn: String
    }`,
  resolvers: {
    Query: { book: () => ({ title: 'Emma', isbn10: '1', isbn: '2' }), shelf: () => 7 },
    Subscription: {
      lent: {
        subscribe: async function* lent() {
          yield { title: 'Emma', isbn10: '1' }
        },
        resolve: (book: unknown) => book,
      },
    },
  },
}

const isbn10 = {
  coordinate: 'Book.isbn10',
  reason: 'Books have longer numbers.',
  sunset: '2027-03-01',
  replacement: 'Book.isbn',
}

/** The graph at a time that a test sets, with the usage of what was run. */
async function libraryAt(start: Date, options: PipelineOptions = {}) {
  const clock = { now: start }
  const usages: Usage[] = []
  const usage = { record: (one: Usage) => void usages.push(one), close: () => Promise.resolve() }
  const graph = await createMiniGraph([library], { now: () => clock.now, usage, ...options })
  return { graph, clock, usages }
}

describe('who uses what goes away', () => {
  it('is told in the answer, and others are not', async () => {
    const { graph } = await libraryAt(before)
    const told = await graph.run('{ book { title isbn10 } again: book { isbn10 } }')
    expect(told.errors).toEqual([])
    expect(told.extensions).toMatchObject({ cost: {}, deprecations: [isbn10] })
    expect((await graph.run('{ book { title isbn } }')).extensions).not.toHaveProperty('deprecations')
  })

  it('is told of an argument where it is given', async () => {
    const { graph } = await libraryAt(before)
    expect((await graph.run('{ shelf(by: "title") }')).extensions['deprecations']).toMatchObject([
      { coordinate: 'Query.shelf(by:)', sunset: '2027-04-01', reason: 'Sorted anyway.' },
    ])
    expect((await graph.run('{ shelf }')).extensions).not.toHaveProperty('deprecations')
  })

  it('is told of twenty things at most, those that end first', async () => {
    const { graph } = await libraryAt(before)
    const { extensions } = await graph.run(`{ ${manyFields.join(' ')} book { isbn10 } shelf(by: "x") }`)
    const coordinates = (extensions['deprecations'] as { coordinate: string }[]).map(({ coordinate }) => coordinate)
    expect(coordinates).toHaveLength(20)
    expect(coordinates.slice(0, 2)).toEqual(['Book.isbn10', 'Query.shelf(by:)'])
  })
})

describe('a brownout', () => {
  it('answers a coded error for its field and nothing else, from its beginning to its end', async () => {
    const { graph, clock } = await libraryAt(before)
    const query = '{ book { title isbn10 } }'
    const whole = { book: { title: 'Emma', isbn10: '1' } }
    expect((await graph.run(query)).data).toEqual(whole)
    clock.now = during
    const dark = await graph.run(query)
    expect(dark.data).toEqual({ book: { title: 'Emma', isbn10: null } })
    expect(dark.errors.map((error) => error.toJSON())).toMatchObject([
      {
        path: ['book', 'isbn10'],
        extensions: {
          code: 'SUNSET_BROWNOUT',
          coordinate: 'Book.isbn10',
          until: '2027-02-01T10:00:00.000Z',
          sunset: '2027-03-01',
          replacement: 'Book.isbn',
        },
      },
    ])
    expect(dark.extensions['deprecations']).toEqual([isbn10])
    clock.now = after
    expect((await graph.run(query)).data).toEqual(whole)
  })

  it('of an argument shuts the field for those who give it', async () => {
    const { graph } = await libraryAt(during)
    expect((await graph.run('{ shelf }')).data).toEqual({ shelf: 7 })
    const { data, errors } = await graph.run('{ shelf(by: "title") }')
    expect(data).toEqual({ shelf: null })
    expect(errors.map(({ code }) => code)).toEqual(['SUNSET_BROWNOUT'])
  })

  it('does not hide who still uses its field', async () => {
    const { graph, usages } = await libraryAt(during)
    await graph.run('{ book { isbn10 } }')
    expect(usages[0]?.uses?.coordinates).toEqual(['Book.isbn10', 'Query.book'])
  })
})

const use = (coordinate: string) => ({ ...isbn10, coordinate })

describe('notices of deprecated uses', () => {
  it('tell each use of each app once in twelve hours', async () => {
    const sent: NotedUse[] = []
    let nowMs = 0
    const send = (uses: readonly NotedUse[]) => Promise.resolve(void sent.push(...uses))
    const notices = createDeprecationNotices({ log, nowMs: () => nowMs, send })
    for (let call = 0; call < 3; call += 1) {
      notices.watch('app_1', [use('Book.isbn10'), use('Query.many1')])
      notices.watch('app_2', [use('Book.isbn10')])
    }
    nowMs = 12 * 60 * 60 * 1_000
    notices.watch('app_1', [use('Book.isbn10')])
    await notices.close()
    expect(sent.map(({ appId, coordinate }) => `${appId} ${coordinate}`)).toEqual([
      'app_1 Book.isbn10',
      'app_1 Query.many1',
      'app_2 Book.isbn10',
      'app_1 Book.isbn10',
    ])
  })

  it('are kept while nobody takes them', async () => {
    const sent: NotedUse[] = []
    let broken = true
    const notices = createDeprecationNotices({
      log,
      nowMs: () => 0,
      send: async (uses) => {
        if (broken) throw new Error('away')
        sent.push(...uses)
      },
    })
    notices.watch('app_1', [use('Book.isbn10')])
    await notices.close()
    broken = false
    await notices.close()
    expect(sent).toHaveLength(1)
  })

  it('come of operations that were admitted and of no others', async () => {
    const noted: string[] = []
    const recorder = { record: () => undefined, close: () => Promise.resolve() }
    const notices = {
      watch: (appId: string, uses: readonly { coordinate: string }[]) =>
        void noted.push(...uses.map(({ coordinate }) => `${appId} ${coordinate}`)),
      close: () => Promise.resolve(),
    }
    const { graph } = await libraryAt(before, { usage: notingDeprecations(recorder, notices) })
    await graph.run('{ book { title } }')
    await graph.run('{ book { isbn10 } }', { limits: { maxQueryCost: 0 } })
    expect(noted).toEqual([])
    await graph.run('{ book { isbn10 } }')
    expect(noted).toEqual(['app_test Book.isbn10'])
  })
})
