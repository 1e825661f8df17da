import { readFile } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import { createDocumentStore } from '../../gateway/operation/document-store.ts'
import type { SupergraphSnapshot } from '../../gateway/plan/supergraph-snapshot.ts'
import { createWarming } from '../../gateway/serve/warm-snapshot.ts'
import { createLogger } from '../../kit/log.ts'
import { createMiniGraph } from './mini-graph.ts'

const log = createLogger('test', 'silent')
const shop = (more: string) => ({
  name: 'shop',
  sdl: `type Query @authenticated { name: String secret: String @requiresScopes(scopes: [["keys"]]) ${more} }`,
  resolvers: { Query: { name: () => 'shop', secret: () => 'secret', later: () => 'later' } },
})

const editions = new Map(['partner', 'public', 'internal'].map((name) => [name, 'type Query { name: String }']))

async function start() {
  const before = await createMiniGraph([shop('later: String')], { editions })
  const after = await createMiniGraph([shop('')], { editions })
  const documents = createDocumentStore()
  const plan = vi.fn(after.snapshot.plan)
  const planAhead = vi.fn(after.snapshot.planAhead)
  const next: SupergraphSnapshot = { ...after.snapshot, plan, planAhead }
  const ask = (snapshot: SupergraphSnapshot, text: string, options: Parameters<typeof before.run>[1] = {}) =>
    before.run(documents.documentOf(snapshot.apiSchema, text), { ...options, snapshot })
  const carryOver = vi.fn(before.pipeline.carryOver)
  const warm = createWarming({ documents, carryOver, log })
  return {
    before: before.snapshot,
    next,
    plan,
    planAhead,
    carryOver,
    documents,
    ask,
    warm: () => warm(before.snapshot, next),
  }
}

describe('what is asked for most', () => {
  it('is planned for the next supergraph before it is asked for there', async () => {
    const { before, next, plan, planAhead, ask, warm } = await start()
    await ask(before, '{ name }')
    await warm()
    expect(planAhead).toHaveBeenCalledTimes(1)
    expect((await ask(next, '{ name }')).body).toContain('"name":"shop"')
    expect(plan).not.toHaveBeenCalled()
    await ask(next, '{ again: name }')
    expect(plan).toHaveBeenCalledTimes(1)
  })

  it('is planned for each caller who sees something else of it, and for what its conditions said', async () => {
    const { before, next, plan, ask, warm } = await start()
    const text = 'query ($more: Boolean!) { name secret @include(if: $more) }'
    const callers = [{ scopes: ['keys'] }, { scopes: [] }]
    const all = callers.flatMap((caller) => [true, false].map((more) => ({ ...caller, variables: { more } })))
    for (const options of all) await ask(before, text, options)
    await warm()
    const answers: string[] = []
    for (const options of all) answers.push((await ask(next, text, options)).body)
    expect(plan).not.toHaveBeenCalled()
    expect(answers[0]).toContain('"secret":"secret"')
    expect(answers[2]).toContain('FORBIDDEN')
    expect(answers[3]).not.toContain('FORBIDDEN')
  })

  it('is left out where it is no longer valid, and the rest is made ready', async () => {
    const { before, next, plan, ask, warm } = await start()
    await ask(before, '{ later }')
    await ask(before, '{ later }')
    await ask(before, '{ name }')
    await warm()
    await ask(next, '{ name }')
    expect(plan).not.toHaveBeenCalled()
    expect(() => ask(next, '{ later }')).toThrow('later')
  })

  it('is told by how often it was asked for, of which half counts on the next supergraph', async () => {
    const { before, next, documents, ask, warm } = await start()
    for (const text of ['{ name }', '{ a: name }', '{ a: name }', '{ b: name }', '{ b: name }', '{ b: name }']) {
      await ask(before, text)
    }
    const most = documents.mostUsed(before.apiSchema, 2)
    expect(most.map(({ text, uses }) => [text, uses])).toEqual([
      ['{ b: name }', 3],
      ['{ a: name }', 2],
    ])
    await warm()
    await ask(next, '{ name }')
    await ask(next, '{ name }')
    expect(documents.mostUsed(next.apiSchema, 1)).toMatchObject([{ text: '{ name }', uses: 2.5 }])
  })
})

describe('a contract', () => {
  it('is made ready for the next supergraph with what is asked for most over it, if it was asked for', async () => {
    const { before, next, carryOver, documents, ask, warm } = await start()
    const partner = await before.narrow('partner')
    if (partner === null) throw new Error('it has a schema')
    await ask(partner, '{ name }')
    await warm()
    const ready = next.narrowedTo('partner')
    expect(ready?.edition).toBe('partner')
    expect(ready && documents.mostUsed(ready.apiSchema, 2)).toMatchObject([{ text: '{ name }', uses: 0.5 }])
    expect(carryOver.mock.calls.map(([from, to]) => [from.snapshot, to.snapshot])).toEqual([[partner, ready]])
    expect(next.narrowedTo('public')).toBeNull()
  })

  it('is made ready too where it is asked for first while the rest is', async () => {
    const { before, next, carryOver, ask, warm } = await start()
    carryOver.mockImplementationOnce(async () => void (await before.narrow('public')))
    await ask(before, '{ name }')
    await warm()
    expect(next.narrowedTo('public')?.edition).toBe('public')
    expect([...next.editionsAsked()]).toEqual(['public'])
  })

  it('is made once for all who ask for it first, and lets others have their turn meanwhile', async () => {
    const sdl = await readFile(new URL('../../schema/api.graphql', import.meta.url), 'utf8')
    const { snapshot } = await createMiniGraph([shop('')], { editions: new Map([['partner', sdl]]) })
    let turns = 0
    let made = false
    const count = (): void => {
      turns += 1
      if (!made) setImmediate(count)
    }
    setImmediate(count)
    const all = await Promise.all([snapshot.narrow('partner'), snapshot.narrow('partner')])
    made = true
    expect(turns).toBeGreaterThan(1)
    expect(all[0]).toBe(all[1])
    expect(all[0]).toBe(snapshot.narrowedTo('partner'))
    expect(await snapshot.narrow('nobody')).toBeNull()
  })
})

describe('contracts that are asked for', () => {
  it('hold up neither the swap nor each other where one fails or never ends, and each is told once', async () => {
    const { before, next, documents, carryOver } = await start()
    for (const name of ['partner', 'public', 'internal']) await before.narrow(name)
    const never = new Promise<null>(() => undefined)
    const narrow = (name: string) => {
      if (name === 'public') return Promise.reject(new Error('no memory'))
      return name === 'partner' ? never : next.narrow(name)
    }
    const told: unknown[] = []
    const tell = (facts: object) => void told.push(facts)
    const listening = { ...log, warn: tell, error: tell } as unknown as typeof log
    const warm = createWarming({ documents, carryOver, log: listening, contractsMs: 20 })
    await warm(before, { ...next, narrow })
    expect(next.narrowedTo('internal')).not.toBeNull()
    expect(told).toEqual([
      expect.objectContaining({ edition: 'public', err: expect.objectContaining({ message: 'no memory' }) }),
      { edition: 'partner' },
    ])
  })
})
