import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createNetworkRules } from '../../kit/egress/network-rules.ts'
import { seededId } from '../../kit/ids.ts'
import { schemasSubgraph } from '../../subgraphs/schemas/subgraph.ts'
import { createAskedGraph, idOf, northwind } from './asked-graph.ts'
import { createSmallOffice, smallContracts } from './small-office.ts'
import { type SubgraphUnderTest, operator, startSubgraph } from './subgraph-under-test.ts'

interface Problem {
  readonly severity: string
  readonly rule: string
  readonly message: string
  readonly app: { readonly appName: string; readonly contacts: readonly object[] } | null
  readonly documents: readonly { readonly documentId: string; readonly operationName: string | null }[]
}

const fields = `passed problems { severity rule message hint app { appName organizationName contacts { email } }
  documents { documentId operationName contract line column costBefore costAfter costLimit } }`
const tried = ['TRUSTED_DOCUMENT', 'OPERATION_COST', 'USAGE_UNKNOWN']

/** A subgraph whose list costs as it is told, and whose points ask for a scope where one is named. */
const rewards = ({ field = 'rewardPoints', scope = 'partner:read', assumed = 5, weight = 1, tag = '' } = {}): string =>
  `extend schema @link(
    url: "https://specs.apollo.dev/federation/v2.12"
    import: ["@key", "@authenticated", "@requiresScopes", "@cost", "@listSize", "@tag"]
  )
  "A partner." type Organization @key(fields: "id") @tenancy(reference: true) @authenticated {
    "What it is known by." id: ID!
    "What it has." ${field}: Int @requiresScopes(scopes: [["${scope}"]]) ${tag}
    "What it got." rewards("How many." first: Int = ${assumed}): [Reward!]
      @cost(weight: ${weight}) @listSize(assumedSize: ${assumed}, slicingArguments: ["first"], requireOneSlicingArgument: false)
  }
  "A thing." type Reward @authenticated { "Its name." name: String }
  directive @tenancy(reference: Boolean) on OBJECT`

const home = 'query Home { myOrganization {\n  name rewardPoints } }'
const list = 'query Rewards { myOrganization { rewards { name } } }'

const { graph, apps, documents, refusal, used, usedOn } = createAskedGraph()
const office = createSmallOffice(smallContracts)
let schemas: SubgraphUnderTest
beforeAll(async () => {
  schemas = await startSubgraph(schemasSubgraph, () => Promise.resolve(), {
    graph,
    networks: createNetworkRules([]),
    schemas: office,
  })
  const { userErrors } = await publish(rewards())
  expect(userErrors).toEqual([])
}, 60_000)
afterAll(async () => {
  await schemas?.stop()
  await office.workshop.close()
})
beforeEach(() => {
  documents.length = 0
  refusal.message = null
  used.clear()
  usedOn.clear()
})

async function publish(sdl: string, input: object = {}) {
  const { data, errors } = await schemas.execute<{
    publishSubgraph: { userErrors: { code: string; message: string }[]; check: { problems: Problem[] } | null }
  }>(
    operator,
    `mutation ($input: PublishSubgraphInput!) { publishSubgraph(input: $input) { userErrors { code message } check { ${fields} } } }`,
    { input: { subgraph: 'rewards', url: 'http://rewards.test', sdl, reason: 'For the test.', ...input } },
  )
  expect(errors).toBeUndefined()
  return data.publishSubgraph
}

/** What the trial says of a subgraph, which is not published. */
async function trialOf(sdl: string, input: object = {}) {
  const { data, errors } = await schemas.execute<{ checkSubgraph: { passed: boolean; problems: Problem[] } }>(
    operator,
    `query ($input: CheckSubgraphInput!) { checkSubgraph(input: $input) { ${fields} } }`,
    { input: { subgraph: 'rewards', sdl, ...input } },
  )
  expect(errors).toBeUndefined()
  const { passed, problems } = data.checkSubgraph
  return { passed, problems: problems.filter(({ rule }) => tried.includes(rule)) }
}
const trust = (...texts: readonly string[]) => documents.push(...texts.map((text) => ({ text, appId: northwind.id })))

describe('the trial of trusted documents', { timeout: 60_000 }, () => {
  it('lets a candidate pass with which all of them work as before', async () => {
    trust(home, list)
    expect(await trialOf(rewards({ assumed: 6 }))).toEqual({ passed: true, problems: [] })
  })

  it('refuses one that a document would fail with, naming app, owner, document, place and reason', async () => {
    trust(home, list)
    const { userErrors, check } = await publish(rewards({ field: 'points' }))
    expect(userErrors.map(({ code }) => code)).toEqual(['CHECK_FAILED'])
    const [problem] = check?.problems ?? []
    expect(problem).toMatchObject({
      severity: 'ERROR',
      rule: 'TRUSTED_DOCUMENT',
      hint: expect.stringContaining('pieter@northwind.example'),
      app: { appName: 'Northwind Partner Portal', organizationName: 'Northwind', contacts: [{}] },
      documents: [{ documentId: idOf(home), operationName: 'Home', line: 2, column: 8, costBefore: null }],
    })
    for (const part of [
      'A trusted document of Northwind Partner Portal of Northwind (plan Partner Gold at 490.00 EUR a month, contact Pieter Nilsen',
      `${idOf(home)} (Home), at 2:8: Cannot query field "rewardPoints" on type "Organization"`,
    ]) {
      expect(problem?.message).toContain(part)
    }
  })

  it('tries them on the paths where their app calls, and refuses what fails there alone', async () => {
    trust(home, list)
    const hidden = rewards({ tag: '@tag(name: "internal")' })
    expect(await trialOf(hidden)).toEqual({ passed: true, problems: [] })
    usedOn.add('internal')
    expect(await trialOf(hidden)).toEqual({ passed: true, problems: [] })
    usedOn.add('partner')
    const { passed, problems } = await trialOf(hidden)
    expect(passed).toBe(false)
    expect(problems).toMatchObject([
      {
        severity: 'ERROR',
        rule: 'TRUSTED_DOCUMENT',
        message: expect.stringContaining(
          `would fail on the path of partner: ${idOf(home)} (Home), at 2:8: Cannot query`,
        ),
        documents: [{ documentId: idOf(home), contract: 'partner', line: 2 }],
      },
    ])
    const accepted = await trialOf(hidden, { acceptBreaking: ['Organization.rewardPoints'] })
    expect([accepted.passed, accepted.problems[0]?.severity]).toEqual([true, 'WARNING'])
  })

  it.each([
    ['the field', 'Organization.rewardPoints'],
    ['the document', idOf(home)],
    ['the app', northwind.id],
  ])('accepts it by the name of %s, and still tells of it, of nobody’s address', async (_name, accepted) => {
    trust(home)
    const { passed, problems } = await trialOf(rewards({ field: 'points' }), { acceptBreaking: [accepted] })
    expect([passed, problems.length]).toEqual([true, 1])
    expect(problems[0]).toMatchObject({ severity: 'WARNING', rule: 'TRUSTED_DOCUMENT', documents: [{ line: 2 }] })
    expect(problems[0]?.message).not.toContain('@')
  })

  it('does not take another accepted name for it', async () => {
    trust(home)
    const acceptBreaking = ['Organization.other', idOf(list), seededId('App', 'other')]
    expect(await trialOf(rewards({ field: 'points' }), { acceptBreaking })).toMatchObject({
      passed: false,
      problems: [{ severity: 'ERROR', rule: 'TRUSTED_DOCUMENT' }],
    })
  })

  it('refuses a rule that keeps the app out, and passes one whose scope it holds, by its tier too', async () => {
    trust(home)
    const { passed, problems } = await trialOf(rewards({ scope: 'billing:read' }))
    expect(passed).toBe(false)
    expect(problems[0]?.message).toContain('at 2:8: Organization.rewardPoints would be denied to the app')
    for (const scope of ['deals:read', 'inventory:quantities']) {
      expect(await trialOf(rewards({ scope }))).toEqual({ passed: true, problems: [] })
    }
  })

  it('refuses one with which a document costs more than the plan allows, with the costs and the limit', async () => {
    trust(list)
    const beyond = await trialOf(rewards({ assumed: 50, weight: 2 }))
    expect(beyond).toMatchObject({
      passed: false,
      problems: [
        {
          severity: 'ERROR',
          rule: 'OPERATION_COST',
          app: { appName: 'Northwind Partner Portal', organizationName: 'Northwind' },
          documents: [
            {
              documentId: idOf(list),
              operationName: 'Rewards',
              line: null,
              costBefore: 6,
              costAfter: 101,
              costLimit: 100,
            },
          ],
        },
      ],
    })
    expect(beyond.problems[0]?.message).toContain('plan Partner Gold')
    expect(beyond.problems[0]?.message).toContain('(Rewards) 6 points now and 101 then, of at most 100')
    expect((await trialOf(rewards({ assumed: 50, weight: 2 }), { acceptBreaking: [idOf(list)] })).passed).toBe(true)
    // As dear as the plan lets it be, which is much more than before.
    const below = await trialOf(rewards({ assumed: 33, weight: 3 }))
    expect(below).toMatchObject({ passed: true, problems: [{ severity: 'WARNING', rule: 'OPERATION_COST' }] })
    expect(await trialOf(rewards({ assumed: 6 }))).toEqual({ passed: true, problems: [] })
  })

  it('holds an app without a subscription to the default plan, and forgets one that was revoked', async () => {
    const id = seededId('App', 'without-plan')
    apps.set(id, { ...northwind, id, name: 'Bare', plan: null })
    documents.push({ text: list, appId: id })
    expect(await trialOf(rewards({ assumed: 10 }))).toMatchObject({
      passed: false,
      problems: [{ rule: 'OPERATION_COST', message: expect.stringContaining('Bare of Northwind (plan Trial') }],
    })
    apps.set(id, { ...northwind, id, status: 'REVOKED' })
    expect(await trialOf(rewards({ field: 'points' }))).toEqual({ passed: true, problems: [] })
  })

  it('tells an app’s documents that fail for one reason together, each once', async () => {
    const texts = Array.from({ length: 30 }, (_, at) => `query Q${at} { myOrganization { rewardPoints } }`)
    trust(...texts)
    const { problems } = await trialOf(rewards({ field: 'points' }))
    expect(problems.map(({ documents: { length } }) => length)).toEqual([20])
    expect(problems[0]?.message).toContain('30 trusted documents of Northwind Partner Portal')
  })

  it('tries what it can of a huge list and says what it left, one of each app in turn', async () => {
    const other = seededId('App', 'other')
    apps.set(other, { ...northwind, id: other, name: 'Other' })
    const bad = ['{ no', `{ ${'a { '.repeat(2_000)}`, 'x'.repeat(32_000), '{ unknown }', '\u0000']
    const many = Array.from({ length: 2_400 }, (_, at) => `${bad[at % bad.length]} # ${at}`)
    documents.push({ text: home, appId: other })
    trust(...many)
    const { passed, problems } = await trialOf(rewards({ field: 'points' }))
    expect(passed).toBe(false)
    expect(problems[0]).toMatchObject({ rule: 'TRUSTED_DOCUMENT', app: { appName: 'Other' } })
    expect(problems.at(-1)?.severity).toBe('WARNING')
    expect(problems.at(-1)?.message).toMatch(/^\d+ of 2401 trusted documents were not tried: /)
  })

  it('passes what breaks nothing when they cannot be read, with a note, and refuses what breaks', async () => {
    refusal.message = 'Your app lacks a scope that Query.trustedDocuments requires.'
    const noted = await trialOf(rewards({ assumed: 6 }))
    expect(noted).toMatchObject({ passed: true, problems: [{ severity: 'WARNING', rule: 'TRUSTED_DOCUMENT' }] })
    expect(noted.problems[0]?.message).toContain('lacks a scope')
    expect(await trialOf(rewards({ field: 'points' }))).toMatchObject({
      passed: false,
      problems: [{ severity: 'ERROR', rule: 'USAGE_UNKNOWN' }],
    })
  })
})
