import {
  type GraphQLArgument,
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
  isRequiredArgument,
  isScalarType,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type IdentifiedType, createId, idPrefixes } from '../../kit/ids.ts'
import { demoCaller } from '../subgraphs/demo-graph.ts'
import { demoOrganization } from '../../subgraphs/demo-world/organizations.ts'
import {
  type ArgumentsOf,
  type Field,
  apiSchema,
  documentsOf,
  objectTypeOf,
  pathsThrough,
  wholeOf,
} from './api-schema.ts'
import { type AttackGraph, type Headers, startAttackGraph } from './attack-graph.ts'
import { leaveTraces } from './leave-traces.ts'
import { type OwnedData, canariesIn, readOwnedData } from './owned-data.ts'

const victim = demoOrganization('northwind').id

let graph: AttackGraph
let attacker: Headers
let theirs: OwnedData
beforeAll(async () => {
  const stockFeed = ['bulk:write', 'inventory:write'] as const
  const granted = { 'northwind-portal': stockFeed, 'fjordline-portal': stockFeed }
  graph = await startAttackGraph({ limits: 'lifted', granted })
  await leaveTraces(graph, 'northwind-portal')
  attacker = graph.key('fjordline-portal')
  theirs = await readOwnedData(graph.connection, victim)
})
afterAll(() => graph[Symbol.asyncDispose]())

const queryType = apiSchema.getQueryType() as GraphQLObjectType
const withoutRequired: ArgumentsOf = ({ args }) => {
  if (args.some(isRequiredArgument)) return null
  return args.some(({ name }) => name === 'first') ? '(first: 3)' : ''
}
/** How many fields in each other are taken in every order: 2 take a few seconds, 3 a quarter of a minute. */
const edges = Number(process.env['ATTACK_EDGES'] ?? 2)
/** As many of each type as tell apart one record from the next. */
const perType = 2
const idsOf = (type: string): readonly string[] => (theirs.ids.get(type as IdentifiedType) ?? []).slice(0, perType)
const idArgument = ({ args }: Field): GraphQLArgument | undefined =>
  args.find(({ type }) => getNamedType(type).name === 'ID')

/** Types of which the organization has records that nobody else may see. */
const privateTypes: readonly IdentifiedType[] = [
  'App',
  'AppCredential',
  'AppListing',
  'Certification',
  'ChannelAllocation',
  'CoSellEngagement',
  'Commission',
  'Consent',
  'DealRegistration',
  'ImportJob',
  'Installation',
  'Invitation',
  'Invoice',
  'Lead',
  'LedgerEntry',
  'Member',
  'Opportunity',
  'Organization',
  'PlanRequest',
  'PlanSubscription',
  'Reservation',
]

describe('what belongs to one organization', () => {
  it('is there in every kind, so that it could be told', () => {
    expect([...theirs.ids.keys()]).toEqual(expect.arrayContaining([...privateTypes]))
    expect(theirs.canaries.size).toBeGreaterThan(500)
  })

  it('is told to itself by the same questions that are asked below', async () => {
    const told = new Set<string>()
    for (const document of documentsOf(queryType, pathsThrough(queryType, withoutRequired, 1), withoutRequired)) {
      const { text } = await graph.ask(graph.key('northwind-portal'), document)
      for (const canary of canariesIn(text, theirs)) told.add(canary)
    }
    expect(told.size).toBeGreaterThan(100)
  })

  it('is told to no other by any edge, by whatever fields it is reached', async () => {
    const documents = documentsOf(queryType, pathsThrough(queryType, withoutRequired, edges), withoutRequired)
    for (const document of documents) {
      const { text, data } = await graph.ask(attacker, document)
      expect(data, text).toBeTypeOf('object')
      expect(canariesIn(text, theirs), document).toEqual([])
    }
  })

  it('is told to no other that asks the same at the same time, or right after', async () => {
    const owner = graph.key('northwind-portal')
    for (const document of documentsOf(queryType, pathsThrough(queryType, withoutRequired, 1), withoutRequired)) {
      const asked = [owner, attacker, owner, attacker].map((as) => graph.ask(as, document))
      const answers = [...(await Promise.all(asked)), await graph.ask(attacker, document)]
      for (const index of [1, 3, 4]) expect(canariesIn(answers[index]?.text ?? '', theirs), document).toEqual([])
    }
  })

  it('is told to no other by its id, which is answered as one that there never was', async () => {
    const asked: string[] = []
    for (const field of Object.values(queryType.getFields())) {
      const type = objectTypeOf(field)
      const argument = idArgument(field)
      if (type === null || argument === undefined || !isRequiredArgument(argument)) continue
      const query = `query ($id: ID!) { ${field.name}(${argument.name}: $id) ${wholeOf(type, withoutRequired)} }`
      // An id of another kind must open nothing either.
      const ids = privateTypes.flatMap((kind) => (kind === type.name ? idsOf(kind) : idsOf(kind).slice(0, 1)))
      for (const id of ids) {
        const answer = await graph.ask(attacker, query, { id })
        expect(canariesIn(answer.text.replaceAll(id, ''), theirs), `${field.name} ${id}`).toEqual([])
        expect(answer.data?.[field.name] ?? null, answer.text).toBeNull()
        asked.push(field.name)
        if (typeOf(id) !== type.name) continue
        const never = await graph.ask(attacker, query, { id: createId(type.name) })
        expect(answer.errors, field.name).toEqual(never.errors)
      }
    }
    expect(new Set(asked).size).toBeGreaterThan(14)
  })

  it('is told to no other by a filter, not even by a count', async () => {
    const asked = new Set<string>()
    for (const field of Object.values(queryType.getFields())) {
      const type = objectTypeOf(field)
      if (type?.getFields()['totalCount'] === undefined) continue
      const node = objectTypeOf(type.getFields()['nodes'] as Field)
      if (node === null) throw new Error(`${type.name} lists nothing`)
      for (const argument of field.args.filter(({ name }) => name !== 'first' && name !== 'after')) {
        const isId = getNamedType(argument.type).name === 'ID'
        if (!isScalarType(getNamedType(argument.type)) || !(isId || getNamedType(argument.type).name === 'String'))
          continue
        for (const value of isId ? privateTypes.flatMap((kind) => idsOf(kind).slice(0, 1)) : textsToFind()) {
          const required = field.args.filter((arg) => isRequiredArgument(arg) && arg !== argument)
          const others = required.map(({ name }) => `, ${name}: ${name === 'side' ? 'OWNER' : '""'}`).join('')
          const query = `query ($value: ${String(getNamedType(argument.type))}!) { ${field.name}(first: 5, ${argument.name}: $value${others}) {
            totalCount nodes ${wholeOf(node, withoutRequired)} } }`
          const { text, data } = await graph.ask(attacker, query, { value })
          expect(canariesIn(text.replaceAll(value, ''), theirs), `${field.name}(${argument.name}: ${value})`).toEqual(
            [],
          )
          const found: unknown = data?.[field.name]?.totalCount ?? 0
          // An app of another may be asked about in one's own installations and consents; nothing of it is found.
          expect(found, `${field.name}(${argument.name}: ${value}) counts`).toBe(0)
          asked.add(`${field.name}.${argument.name}`)
        }
      }
    }
    expect(asked.size).toBeGreaterThan(40)
  })

  it('is told to no other by a representation, should one reach a subgraph', async () => {
    const caller = demoCaller('fjordline-portal')
    let resolved = 0
    for (const [name, service] of graph.services) {
      const entities = service.schema.getType('_Entity')
      if (entities === undefined || !('getTypes' in entities)) continue
      for (const type of entities.getTypes().filter((candidate) => isObjectType(candidate))) {
        const representations = privateTypes.flatMap((kind) =>
          (kind === type.name ? idsOf(kind) : idsOf(kind).slice(0, 1)).map((id) => ({ __typename: type.name, id })),
        )
        const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
          ... on ${type.name} ${wholeOf(type, withoutRequired)} } }`
        const answer = await service.execute({ query, variables: { representations }, caller, requestId: 'attack' })
        let text = JSON.stringify(answer)
        // What a subgraph extends it believes to exist: the id that was given comes back, and nothing else.
        for (const { id } of representations) text = text.replaceAll(`"${id}"`, '""')
        expect(canariesIn(text, theirs), `${name}: ${type.name}`).toEqual([])
        resolved += representations.length
      }
    }
    expect(resolved).toBeGreaterThan(200)
  })
})

it('nothing of what was asked has told what is inside', () => {
  expect(graph.leaks).toEqual([])
})

/** Texts of the victim that somebody could guess: names, addresses, references. */
function textsToFind(): readonly string[] {
  const texts = [...theirs.canaries].filter((text) => !/^[a-z]+_[0-9a-z]+$/.test(text))
  return texts.filter((_text, index) => index % Math.ceil(texts.length / 12) === 0)
}

function typeOf(id: string): IdentifiedType {
  const found = Object.entries(idPrefixes).find(([, prefix]) => id.startsWith(`${prefix}_`))
  if (found === undefined) throw new Error(`what is ${id}?`)
  return found[0] as IdentifiedType
}
