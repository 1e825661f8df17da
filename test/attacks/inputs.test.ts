import { type GraphQLObjectType, getNamedType, isEnumType, isRequiredArgument } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoOrganization } from '../../subgraphs/demo-world/organizations.ts'
import { demoProducts } from '../../subgraphs/demo-world/products.ts'
import { type Field, apiSchema, objectTypeOf, wholeOf } from './api-schema.ts'
import { type AttackGraph, type Headers, startAttackGraph } from './attack-graph.ts'
import { mutationsWithTexts } from './mutation-inputs.ts'
import { type OwnedData, canariesIn, readOwnedData } from './owned-data.ts'
import type { Answer } from './witness.ts'

const victim = demoOrganization('northwind').id

let graph: AttackGraph
let attacker: Headers
let owner: Headers
let theirs: OwnedData
let mine: OwnedData
beforeAll(async () => {
  graph = await startAttackGraph({ limits: 'lifted' })
  attacker = graph.key('fjordline-portal')
  owner = graph.key('northwind-portal')
  theirs = await readOwnedData(graph.connection, victim)
  mine = await readOwnedData(graph.connection, demoOrganization('fjordline').id)
})
afterAll(() => graph[Symbol.asyncDispose]())

const queryType = apiSchema.getQueryType() as GraphQLObjectType
/** Done to its own app, it could ask no more, or not as much. */
const endsTheAttack = new Set(['revokeApp', 'revokeAppCredential', 'changePlanSubscription'])
const codesOf = ({ errors }: Answer): unknown[] => errors.map(({ extensions }) => extensions?.['code'])

/** The lists of Query, with what they must be given. */
const lists = Object.values(queryType.getFields()).filter(
  (field) => objectTypeOf(field)?.getFields()['pageInfo'] !== undefined,
)
function requiredOf({ args }: Field): string {
  return args
    .filter((argument) => isRequiredArgument(argument) && argument.name !== 'first')
    .map(({ name, type }) => {
      const named = getNamedType(type)
      return `${name}: ${isEnumType(named) ? named.getValues()[0]?.name : '""'}, `
    })
    .join('')
}
const nodesOf = (field: Field): string => {
  const nodes = objectTypeOf(field)?.getFields()['nodes']
  const node = nodes && objectTypeOf(nodes)
  return node ? `nodes ${wholeOf(node, ({ args }) => (args.some(isRequiredArgument) ? null : ''))}` : ''
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const page = (field: Field): string => `query ($after: String) {
  ${field.name}(${requiredOf(field)}first: 5, after: $after) { ${nodesOf(field)} pageInfo { endCursor } } }`

const endCursor = async (as: Headers, field: Field): Promise<unknown> =>
  (await graph.ask(as, page(field))).data?.[field.name]?.pageInfo.endCursor

describe('a cursor', () => {
  const known = new Map<string, Promise<unknown>>()
  /** Asked once of each list: nothing that is done here moves it. */
  const attackersCursor = (field: Field): Promise<unknown> => {
    const cursor = known.get(field.name) ?? endCursor(attacker, field)
    known.set(field.name, cursor)
    return cursor
  }
  const forged: readonly string[] = [
    'x',
    'W10',
    '%00',
    encoded({ $gt: '' }),
    encoded([{ $gt: '' }, { $ne: null }]),
    encoded([{ $where: 'sleep(1000)' }, 'x']),
    encoded([{ date: { $gt: 0 } }, 'x']),
    encoded([{ date: '9999999-99-99' }, 'x']),
    encoded([null, null]),
    encoded(['', '', '']),
    encoded([[], 'x']),
    encoded('x'.repeat(20_000)),
  ]
  const moved: readonly string[] = [
    encoded(['', '']),
    encoded([0, '']),
    encoded([Number.MAX_VALUE, '\uFFFF']),
    encoded([{ date: '1970-01-01T00:00:00.000Z' }, '']),
    encoded([{ date: '9999-01-01T00:00:00.000Z' }, '~']),
    encoded(['$where', '$gt']),
  ]
  it.each(lists.map((field) => [field.name, field] as const))(
    'of %s that was forged, or is of another list or organization, leads to nothing of others',
    async (name, field) => {
      const foreign: string[] = []
      for (const other of [field, ...lists.slice(0, 60)]) {
        if (foreign.length > 3) break
        const cursor = other === field ? await endCursor(owner, field) : await attackersCursor(other)
        if (typeof cursor === 'string' && !foreign.includes(cursor)) foreign.push(cursor)
      }
      for (const after of [...forged, ...moved, ...foreign, ...foreign.map((cursor) => `${cursor.slice(0, -3)}AAA`)]) {
        const answer = await graph.ask(attacker, page(field), { after })
        expect(canariesIn(answer.text, theirs), `${name} after ${after}`).toEqual([])
        const refused = codesOf(answer).every((code) => code === 'BAD_USER_INPUT' || code === 'FORBIDDEN')
        expect(refused, answer.text).toBe(true)
        if (forged.includes(after)) expect(answer.data?.[name] ?? null, `${name} after ${after}`).toBeNull()
      }
    },
  )
})

describe('an operator of the database', () => {
  const operators = ['$where', '{"$ne":null}', "' || '1'=='1", '.*', '(a+)+$', '\u0000', '$$ROOT', '\uD800']

  it.each(lists.map((field) => [field.name, field] as const))(
    'is a text like any other in every filter of %s',
    async (name, field) => {
      const count = objectTypeOf(field)?.getFields()['totalCount'] === undefined ? '' : 'totalCount'
      const filters = field.args.filter(
        (argument) => ['String', 'ID'].includes(getNamedType(argument.type).name) && argument.name !== 'after',
      )
      for (const argument of filters) {
        const isList = String(argument.type).startsWith('[')
        const query = `query ($value: ${String(argument.type)}) {
        ${name}(${requiredOf(field)}first: 3, ${argument.name}: $value) { ${count} ${nodesOf(field)} } }`.replace(
          '!)',
          '!)',
        )
        for (const value of operators) {
          const answer = await graph.ask(attacker, query, { value: isList ? [value] : value })
          expect(canariesIn(answer.text, theirs), `${name}(${argument.name}: ${value})`).toEqual([])
          expect(
            codesOf(answer).filter((code) => code !== 'FORBIDDEN' && code !== 'BAD_USER_INPUT'),
            answer.text,
          ).toEqual([])
          if (argument.name === 'search' || value.length < 2) continue
          expect(answer.data?.[name]?.totalCount ?? 0, `${name}(${argument.name}: ${value})`).toBe(0)
        }
        for (const value of [{ $gt: '' }, { $where: 'true' }, [{ $ne: null }], { __proto__: null, $regex: '.*' }]) {
          const answer = await graph.ask(attacker, query, { value })
          expect(codesOf(answer), `${name}(${argument.name})`).toEqual(['BAD_USER_INPUT'])
        }
      }
    },
  )

  it.each(['$where', '{"$gt":""}', '__proto__', '\u0000', '../../etc/passwd', '<script>', 'x'.repeat(5_000)])(
    'breaks no mutation as the text %.30j',
    async (text) => {
      for (const { query, input, name } of mutationsWithTexts(mine, text)) {
        if (endsTheAttack.has(name)) continue
        const answer = await graph.ask(attacker, query, { input })
        const codes = codesOf(answer)
        expect(
          codes.filter((code) => code !== 'FORBIDDEN' && code !== 'BAD_USER_INPUT'),
          `${name}: ${answer.text}`,
        ).toEqual([])
      }
    },
  )
})

describe('what an input has no field for', () => {
  const inputs = Object.values(apiSchema.getMutationType()?.getFields() ?? {})
  const extra = ['constructor', 'prototype', '_id', 'operator', 'allowedScopes', 'createdAt', 'keyHash', '$set']

  it('is refused by every mutation, and changes nothing', async () => {
    const fetches = graph.fetches()
    for (const { name, args } of inputs) {
      const type = String(args.find((argument) => argument.name === 'input')?.type)
      const query = `mutation ($input: ${type}) { ${name}(input: $input) { __typename } }`
      const body = `{"query":${JSON.stringify(query)},"variables":{"input":{${extra
        .map((field) => `${JSON.stringify(field)}:{"polluted":true,"organizationId":"${victim}"}`)
        .join()}}}}`
      const headers = { accept: 'application/graphql-response+json', 'content-type': 'application/json', ...attacker }
      const answer = await graph.send({ method: 'POST', headers, body })
      const [code] = codesOf(answer)
      expect(['BAD_USER_INPUT', 'FORBIDDEN'], `${name}: ${answer.text}`).toContain(code)
    }
    expect(graph.fetches()).toBe(fetches)
    expect('polluted' in {}).toBe(false)
  })

  it('is refused as __proto__ before anything else is looked at', async () => {
    const headers = { 'content-type': 'application/json', ...attacker }
    for (const body of [
      '{"query":"{ __typename }","variables":{"__proto__":{"first":2}}}',
      '{"query":"{ __typename }","variables":{"input":{"a":[{"__proto__":{"operator":true}}]}}}',
      '{"query":"{ __typename }","__proto__":{"operator":true}}',
    ]) {
      const answer = await graph.send({ method: 'POST', headers, body })
      expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_REQUEST']])
    }
    expect('polluted' in {} || 'operator' in {}).toBe(false)
  })

  it('is refused beside a query and in its extensions, or is not looked at', async () => {
    const headers = { 'content-type': 'application/json', ...attacker }
    for (const more of [
      '"__proto__":{"operator":true}',
      '"constructor":{"prototype":{"operator":true}}',
      '"extensions":{"__proto__":{"x":1}}',
      '"variables":{"__proto__":{"first":2}}',
      '"operationName":{"$gt":""}',
      '"identity":{"caller":{"operator":true}}',
    ]) {
      const answer = await graph.send({
        method: 'POST',
        headers,
        body: `{"query":"{ organizations(first: 250) { totalCount } }",${more}}`,
      })
      expect(answer.data?.organizations?.totalCount ?? 1, answer.text).toBe(1)
    }
  })
})

describe('the key of an answered mutation', () => {
  it('gives its answer to its own app and to nobody else', async () => {
    const input = {
      customer: { name: 'The same customer', domain: 'same-customer.example', country: 'NO' },
      productId: demoProducts[0]?.id,
    }
    const query = `mutation ($input: SaveDealDraftInput!) { saveDealDraft(input: $input, idempotencyKey: "one key") {
      dealRegistration { id number organization { id } } userErrors { code } } }`
    const first = await graph.ask(owner, query, { input })
    expect(first.data.saveDealDraft.dealRegistration.organization.id).toBe(victim)
    const again = await graph.ask(owner, query, { input })
    expect(again.data).toEqual(first.data)
    const stolen = await graph.ask(attacker, query, { input })
    const { id } = first.data.saveDealDraft.dealRegistration
    expect(stolen.text).not.toContain(id)
    expect(stolen.data.saveDealDraft.dealRegistration.organization.id).toBe(demoOrganization('fjordline').id)
  })
})

it('nothing of what was asked has told what is inside', () => {
  expect(graph.leaks).toEqual([])
})
