import { Kind, parse, print } from 'graphql'
import { expect, it } from 'vitest'
import { visibleDefinitions } from '../../kit/visible-definitions.ts'

const { definitions } = parse(`
  type Query {
    node(id: ID!): Node
    find(where: Where, order: Order): [Found!]
    box: Box
    hidden(secret: Secret): Vault
  }
  type Mutation { pack(input: Pack!): Box }
  interface Node { id: ID! }
  interface Sized { size: Size }
  type Box implements Node & Sized { id: ID! size: Size label: String }
  type Vault implements Node { id: ID! gold: Int key: Key }
  type Key { teeth: Int }
  union Found = Box | Vault
  union Locked = Vault
  enum Order { UP DOWN }
  enum Size { S L }
  input Where { size: Size all: [Where!] }
  input Pack { label: String }
  input Secret { word: Word }
  scalar Word
`)

const visible = (...hidden: string[]): string =>
  print({
    kind: Kind.DOCUMENT,
    definitions: visibleDefinitions(definitions, (type, field) => !hidden.includes(`${type}.${field}`)),
  })
const typesOf = (text: string): string[] =>
  [...text.matchAll(/^(?:type|interface|union|enum|input|scalar) (\w+)/gm)].map(([, name]) => name ?? '').toSorted()

it('keeps all that can be reached when nothing is hidden', () => {
  expect(typesOf(visible())).toEqual([
    'Box',
    'Found',
    'Key',
    'Mutation',
    'Node',
    'Order',
    'Pack',
    'Query',
    'Secret',
    'Size',
    'Sized',
    'Vault',
    'Where',
    'Word',
  ])
})

it('takes with a field what only it takes and returns', () => {
  const text = visible('Query.hidden', 'Vault.key', 'Mutation.pack')
  expect(typesOf(text)).toEqual(['Box', 'Found', 'Node', 'Order', 'Query', 'Size', 'Sized', 'Vault', 'Where'])
  expect(text).not.toContain('Mutation')
})

it('takes an object of which nothing is left out of unions, interfaces and the fields that return it', () => {
  const text = visible('Vault.id', 'Vault.gold', 'Key.teeth')
  expect(typesOf(text)).not.toContain('Vault')
  expect(text).toContain('union Found = Box\n')
  expect(text).not.toContain('hidden(')
})

it('takes an interface off its objects when none of its fields is left', () => {
  const text = visible('Sized.size', 'Box.size')
  expect(text).toContain('type Box implements Node {')
  expect(typesOf(text)).not.toContain('Sized')
})

it('leaves a Query without fields to who may ask for nothing', () => {
  const text = visible('Query.node', 'Query.find', 'Query.box', 'Query.hidden', 'Mutation.pack')
  expect(text.trim()).toBe('type Query')
})
