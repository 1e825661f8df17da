import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createNetworkRules } from '../../kit/egress/network-rules.ts'
import { systemCaller } from '../../kit/caller.ts'
import { schemasSubgraph } from '../../subgraphs/schemas/subgraph.ts'
import { loyaltySdl } from '../schema/loyalty.ts'
import { createAskedGraph } from './asked-graph.ts'
import { createSmallOffice, smallContracts } from './small-office.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

interface Payload {
  readonly subgraphVersion: { id: string; number: number; supergraphNumber: number; state: string } | null
  readonly check: {
    passed: boolean
    problems: { query: string | null; rule: string; message: string; line: number; column: number; severity: string }[]
    changes: { criticality: string; coordinate: string; users: { appName: string; contacts: object[] }[] }[]
  } | null
  readonly userErrors: { code: string; message: string }[]
}

const check = `check { passed problems { severity rule message line column query }
  changes { criticality coordinate users { appName contacts { email } } } }`
const payload = `{ subgraphVersion { id number supergraphNumber state } ${check} userErrors { code message } }`

const { graph, used, usedOn, asked } = createAskedGraph()
let schemas: SubgraphUnderTest
const office = createSmallOffice(smallContracts)
beforeAll(async () => {
  const outside = { graph, networks: createNetworkRules([]), schemas: office }
  schemas = await startSubgraph(schemasSubgraph, () => Promise.resolve(), outside)
})
afterAll(async () => {
  await schemas?.stop()
  await office.workshop.close()
})

async function change(field: string, input: object, caller = operator): Promise<Payload> {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`
  const { data, errors } = await schemas.execute<Record<string, Payload>>(
    caller,
    `mutation ($input: ${type}!) { ${field}(input: $input) ${payload} }`,
    { input: { environment: 'LIVE', reason: 'For the test.', ...input } },
  )
  expect(errors).toBeUndefined()
  return data[field] as Payload
}
const publish = (input: object) => change('publishSubgraph', { url: 'http://loyalty.test/graphql', ...input })

const narrowed = (scope: string, input: object = {}) =>
  publish({ subgraph: 'narrowed', sdl: loyaltySdl({ field: 'points2', scope }), ...input })

const show = (tag?: string) =>
  publish({ subgraph: 'tagged', sdl: loyaltySdl({ field: 'marks', ...(tag === undefined ? {} : { tag }) }) })

async function announce(sunset: string): Promise<void> {
  const { userErrors } = await publish({ subgraph: 'loyalty', sdl: loyaltySdl({ field: 'points', sunset }) })
  expect(userErrors).toEqual([])
}

describe('the schema registry', { timeout: 60_000 }, () => {
  it('publishes a subgraph and composes it with the shipped ones', async () => {
    const { subgraphVersion, check: said, userErrors } = await publish({ subgraph: 'loyalty', sdl: loyaltySdl() })
    expect(userErrors).toEqual([])
    expect(said?.problems.filter(({ severity }) => severity === 'ERROR')).toEqual([])
    expect(subgraphVersion).toMatchObject({ number: 1, supergraphNumber: 1, state: 'CURRENT' })
    const { data } = await schemas.execute<{ servedSupergraph: { number: number; sdl: string; subgraphs: object[] } }>(
      systemCaller(['system:schemas']),
      '{ servedSupergraph(environment: LIVE) { number sdl subgraphs { name number url } } }',
    )
    expect(data.servedSupergraph).toMatchObject({
      number: 1,
      sdl: expect.stringContaining('loyaltyPoints'),
      subgraphs: [{ name: 'loyalty', number: 1, url: 'http://loyalty.test/graphql' }],
    })
  })

  it('tells each environment from the other', async () => {
    const { data } = await schemas.execute<{ publishedSubgraphs: object[] }>(
      operator,
      '{ publishedSubgraphs(environment: SANDBOX) { id } }',
    )
    expect(data.publishedSubgraphs).toEqual([])
  })

  it('refuses what does not compose, with the query that fails and where', async () => {
    const sdl = loyaltySdl({ key: 'nickname' })
    const { subgraphVersion, check: said, userErrors } = await publish({ subgraph: 'loyalty', sdl })
    expect(subgraphVersion).toBeNull()
    expect(userErrors[0]).toMatchObject({ code: 'CHECK_FAILED', message: expect.stringMatching(/^loyalty:\d+:\d+ /) })
    const unsatisfiable = said?.problems.find(({ rule }) => rule === 'SATISFIABILITY')
    expect(unsatisfiable?.query).toMatch(/^\{[\s\S]*loyaltyPoints|nickname[\s\S]*\}$/)
    expect(unsatisfiable?.line).toBeGreaterThan(1)
  })

  it('lets a breaking change pass of what nobody uses, and refuses it of what an app uses, naming app and owner', async () => {
    used.add('Organization.loyaltyPoints')
    const sdl = loyaltySdl({ field: 'points' })
    const refused = await publish({ subgraph: 'loyalty', sdl })
    expect(refused.subgraphVersion).toBeNull()
    const [error] = refused.userErrors
    const told = ["'loyaltyPoints' was removed", 'Northwind Partner Portal of Northwind', '12 operations']
    for (const part of [...told, 'Partner Gold', '490.00 EUR', 'Pieter Nilsen <pieter@northwind.example>']) {
      expect(error?.message).toContain(part)
    }
    expect(asked).toContain(operator.appId)
    used.clear()
    const passed = await publish({ subgraph: 'loyalty', sdl })
    expect(passed.userErrors).toEqual([])
    expect(passed.check?.changes).toContainEqual(
      expect.objectContaining({ criticality: 'BREAKING', coordinate: 'Organization.loyaltyPoints', users: [] }),
    )
  })

  it('refuses what is hidden from one contract for who uses it there, and not for who uses it elsewhere', async () => {
    expect((await show()).userErrors).toEqual([])
    usedOn.add('partner Organization.marks')
    const { userErrors } = await show('internal')
    expect(userErrors).toMatchObject([{ code: 'CHECK_FAILED' }])
    expect(userErrors[0]?.message).toMatch(/in the contract partner only. It was used .* by Northwind Partner Portal/)
    usedOn.clear()
    for (const path of ['NONE', 'internal', '2026-10']) usedOn.add(`${path} Organization.marks`)
    const passed = await show('internal')
    expect(passed.userErrors).toEqual([])
    expect(passed.check?.changes).toContainEqual(
      expect.objectContaining({ criticality: 'BREAKING', coordinate: 'Organization.marks', users: [] }),
    )
    usedOn.clear()
    expect((await change('retireSubgraph', { subgraph: 'tagged' })).userErrors).toEqual([])
  })

  it('refuses a narrower rule for who would be kept out, by name, and not for who holds what it asks for', async () => {
    expect((await narrowed('partner:read')).userErrors).toEqual([])
    used.add('Organization.points2')
    const refused = await narrowed('billing:read')
    expect(refused.subgraphVersion).toBeNull()
    const [problem] = refused.check?.problems ?? []
    expect(problem).toMatchObject({ severity: 'ERROR', rule: 'BREAKING_CHANGE', line: 12 })
    for (const part of [
      "Access to 'Organization.points2' became narrower: it asked for partner:read, and would ask for billing:read",
      'Northwind Partner Portal of Northwind (12 operations, plan Partner Gold at 490.00 EUR a month, contact Pieter Nilsen',
    ]) {
      expect(problem?.message).toContain(part)
    }
    for (const held of ['deals:read', 'inventory:quantities']) {
      const passed = await narrowed(held)
      expect([held, passed.userErrors]).toEqual([held, []])
      expect(passed.check?.changes).toContainEqual(
        expect.objectContaining({ criticality: 'BREAKING', coordinate: 'Organization.points2', users: [] }),
      )
    }
    expect((await narrowed('billing:read', { acceptBreaking: ['Organization.points2'] })).userErrors).toEqual([])
    used.clear()
    expect((await change('retireSubgraph', { subgraph: 'narrowed' })).userErrors).toEqual([])
  })

  it('removes what others use neither for who insists nor before its day, and then for who insists', async () => {
    const acceptBreaking = ['Organization.points']
    const remove = (accepted: readonly string[] = acceptBreaking) =>
      publish({ subgraph: 'loyalty', sdl: loyaltySdl(), acceptBreaking: accepted })
    const tomorrow = new Date(schemas.now().getTime() + 86_400_000).toISOString().slice(0, 10)
    used.add('Organization.points')
    for (const announced of [null, tomorrow]) {
      if (announced) await announce(announced)
      const { userErrors, check: said } = await remove()
      expect(userErrors).toMatchObject([
        { code: 'CHECK_FAILED', message: expect.stringContaining(announced ?? 'no date was announced') },
      ])
      expect(said?.problems.map(({ rule }) => rule)).toContain('NO_NOTICE')
    }
    await announce(schemas.now().toISOString().slice(0, 10))
    expect((await remove([])).check?.problems.map(({ rule }) => rule)).toContain('BREAKING_CHANGE')
    const { userErrors, subgraphVersion } = await remove()
    used.clear()
    expect([userErrors, subgraphVersion?.number]).toEqual([[], 5])
  })

  it('keeps nobody’s address with a version', async () => {
    const { data } = await schemas.execute<{
      subgraphVersions: { nodes: { number: number; check: NonNullable<Payload['check']> }[] }
    }>(operator, `{ subgraphVersions(subgraph: "loyalty") { nodes { number ${check} } } }`)
    const [latest] = data.subgraphVersions.nodes
    expect(latest?.check.changes.flatMap(({ users }) => users)).toEqual([
      { appName: 'Northwind Partner Portal', contacts: [] },
    ])
  })

  it('rolls back by publishing an earlier version anew, and retires', async () => {
    const back = await change('rollBackSubgraph', { subgraph: 'loyalty', toVersion: 2 })
    expect(back.userErrors).toEqual([])
    expect(back.subgraphVersion).toMatchObject({ number: 6, state: 'CURRENT' })
    const gone = await change('retireSubgraph', { subgraph: 'loyalty', expectedVersion: 6 })
    expect(gone.subgraphVersion).toMatchObject({ number: 7, state: 'RETIREMENT' })
    const { data } = await schemas.execute<{ publishedSubgraphs: object[]; supergraph: { sdl: string } }>(
      operator,
      '{ publishedSubgraphs { id } supergraph { sdl } }',
    )
    expect(data.publishedSubgraphs).toEqual([])
    expect(data.supergraph.sdl).not.toContain('LOYALTY')
  })

  it.each([
    [{ subgraph: 'Loyalty' }, 'INVALID_INPUT'],
    [{ subgraph: 'partner' }, 'SHIPPED_SUBGRAPH'],
    [{ subgraph: 'other', url: 'ftp://x' }, 'INVALID_INPUT'],
    [{ subgraph: 'other', reason: ' ' }, 'INVALID_INPUT'],
    [{ subgraph: 'other', expectedVersion: 1 }, 'STALE_VERSION'],
    [{ subgraph: 'other', sdl: 'type Query {' }, 'CHECK_FAILED'],
  ])('refuses %j with %s', async (input, code) => {
    const { userErrors, subgraphVersion } = await publish({ sdl: loyaltySdl(), ...input })
    expect([userErrors[0]?.code, subgraphVersion]).toEqual([code, null])
  })

  it('takes part of two publications at once, and tells the other that the graph has changed', async () => {
    const both = await Promise.all([
      publish({ subgraph: 'one', sdl: loyaltySdl({ field: 'one' }) }),
      publish({ subgraph: 'two', sdl: loyaltySdl({ field: 'two' }) }),
    ])
    const codes = both.map(({ userErrors }) => userErrors[0]?.code ?? 'done').toSorted()
    expect(codes).toEqual(['CHANGED_MEANWHILE', 'done'])
  })

  it('gives the same answer to the same key, and stores nothing again', async () => {
    const input = {
      environment: 'SANDBOX',
      subgraph: 'loyalty',
      sdl: loyaltySdl(),
      url: 'http://loyalty.test/graphql',
      reason: 'Twice.',
      expectedVersion: 0,
    }
    const twice = async () => {
      const { data } = await schemas.execute<{ publishSubgraph: Payload }>(
        operator,
        `mutation ($input: PublishSubgraphInput!) { publishSubgraph(input: $input, idempotencyKey: "k") ${payload} }`,
        { input },
      )
      return data.publishSubgraph
    }
    const first = await twice()
    expect(first.userErrors).toEqual([])
    expect(await twice()).toEqual(first)
  })

  it('is for the platform company alone, whatever scopes an app has', async () => {
    const { errors } = await schemas.execute(
      callerOf('northwind'),
      'mutation { revealSubgraphKey(input: { subgraph: "loyalty" }) { signingKey } }',
    )
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
    const { data } = await schemas.execute<{ revealSubgraphKey: { signingKey: string } }>(
      operator,
      'mutation { revealSubgraphKey(input: { subgraph: "loyalty" }) { signingKey } }',
    )
    expect(Buffer.from(data.revealSubgraphKey.signingKey, 'base64url')).toHaveLength(32)
  })
})
