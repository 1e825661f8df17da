import { assert, asyncProperty, constantFrom, nat, oneof, string } from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { CandidateFindings } from '../../kit/schema-workshop.ts'
import { composeTexts } from '../../schema/checks/check-candidate.ts'
import { createWorkshop } from '../../schema/workshop/workshop.ts'
import { loyaltySdl } from './loyalty.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@authenticated"])\n`
const shop = {
  name: 'shop',
  url: 'http://shop.test',
  sdl: `${link}type Query @authenticated { mine: Organization } type Organization @key(fields: "id") { id: ID! name: String }`,
}
const before = composeTexts([shop])
const workshop = createWorkshop({ timeoutMs: 15_000 })
afterAll(() => workshop.close())

const check = (sdl: string, from = workshop): Promise<CandidateFindings> =>
  from.check({ services: [shop, { name: 'loyalty', url: 'http://x.test', sdl }], changed: 'loyalty', before })

function expectLocated({ problems, composed }: CandidateFindings): void {
  const errors = problems.filter(({ severity }) => severity === 'ERROR')
  if (composed === null) expect(errors).not.toEqual([])
  for (const { line, column, message, subgraph } of problems) {
    expect([line >= 1, column >= 1, message !== '', subgraph !== '']).toEqual([true, true, true, true])
  }
}

describe('hostile SDL', { timeout: 60_000 }, () => {
  it.each([
    ['that ends in the middle', 'type Query {', 'SYNTAX', { line: 1, column: 13 }],
    [
      'with 10,000 types',
      Array.from({ length: 10_000 }, (_, n) => `type T${n} { id: ID }`).join('\n'),
      'SIZE',
      { line: 2001, column: 1 },
    ],
    ['nested 100,000 deep', `type Query { a: ${'['.repeat(100_000)}`, 'SIZE', { line: 1 }],
    [
      'with interfaces in a circle',
      `${link}interface A implements B { id: ID } interface B implements A { id: ID }`,
      'COMPOSITION',
      {},
    ],
    [
      'with inputs in a circle',
      `${link}input A { b: B! } input B { a: A! } type Query { q(a: A): Int }`,
      'COMPOSITION',
      {},
    ],
    [
      'with directives that nobody has defined',
      `${link}type Query @evil(of: "all") { q: Int }`,
      'COMPOSITION',
      { line: 2 },
    ],
    ['with a key of no field', `${link}type T @key(fields: "nope { deeper }") { id: ID! }`, 'COMPOSITION', { line: 2 }],
    ['with a link to somewhere', 'extend schema @link(url: "javascript:alert(1)") type Query { q: Int }', 'POLICY', {}],
  ])('%s gets a located message', async (_name, sdl, rule, place) => {
    const found = await check(sdl)
    expectLocated(found)
    expect(found.problems[0]).toMatchObject({ severity: 'ERROR', rule, subgraph: 'loyalty', ...place })
  })

  it('of any kind gets a located message, and the next subgraph is checked as ever', async () => {
    const whole = loyaltySdl()
    const place = nat(whole.length)
    const noise = oneof(string(), constantFrom('{', '}', '@key', '"""', '!', ' extend ', ' type ', 'id: ID!'))
    await assert(
      asyncProperty(place, place, noise, async (from, to, text) => {
        expectLocated(await check(whole.slice(0, Math.min(from, to)) + text + whole.slice(Math.max(from, to))))
      }),
      { numRuns: 100 },
    )
    expect((await check(whole)).problems.filter(({ severity }) => severity === 'ERROR')).toEqual([])
  })

  it('that takes too long is given up, with a message, and the next one is checked', async () => {
    const hasty = createWorkshop({ timeoutMs: 1 })
    try {
      const found = await check(loyaltySdl(), hasty)
      expectLocated(found)
      expect(found.problems[0]?.message).toContain('longer than')
    } finally {
      await hasty.close()
    }
    expect((await check(loyaltySdl())).composed).not.toBeNull()
  })

  it('that is checked already is not checked once more for who asks again', async () => {
    const [first, again, other] = await Promise.all([check(loyaltySdl()), check(loyaltySdl()), check('type Query {')])
    expect(again).toBe(first)
    expect(other?.problems[0]?.rule).toBe('SYNTAX')
    const later = await check(loyaltySdl())
    expect(later).toEqual(first)
    expect(later).not.toBe(first)
  })
})
