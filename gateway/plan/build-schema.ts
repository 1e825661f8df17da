import {
  type DefinitionNode,
  type DocumentNode,
  type GraphQLDirective,
  type GraphQLNamedType,
  GraphQLSchema,
  Kind,
  TokenKind,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  specifiedDirectives,
} from 'graphql'
// What `parse` and `buildASTSchema` consist of; those two cannot be interrupted.
import { Parser } from 'graphql/language/parser.js'
import { extendSchemaImpl } from 'graphql/utilities/extendSchema.js'
import type { Slices } from './slices.ts'

/**
 * As `buildASTSchema(parse(sdl))` of a text that is known to be a valid schema, in slices: for 10,000 types the whole
 * takes half a second. `more` are directives that are added where it has none of the name.
 */
export async function buildSchema(
  sdl: string,
  slices: Slices,
  more: readonly GraphQLDirective[] = [],
): Promise<GraphQLSchema> {
  const document = await parseDefinitions(sdl, slices)
  const valid = { assumeValid: true, assumeValidSDL: true }
  const config = extendSchemaImpl(nothing, document, valid)
  for (const type of config.types) {
    // Fields are made when they are asked for first; the schema asks for all of them.
    askFor(type)
    const pause = slices()
    if (pause) await pause
  }
  const rootOf = (name: string) => config.types.filter(isObjectType).find((type) => type.name === name)
  const roots = config.astNode
    ? {}
    : { query: rootOf('Query'), mutation: rootOf('Mutation'), subscription: rootOf('Subscription') }
  const known = new Set(config.directives.map(({ name }) => name))
  const others = [...specifiedDirectives, ...more].filter(({ name }) => !known.has(name))
  return new GraphQLSchema({ ...config, ...roots, directives: [...config.directives, ...others], assumeValid: true })
}

const nothing = {
  description: undefined,
  types: [],
  directives: [],
  extensions: {},
  extensionASTNodes: [],
  assumeValid: false,
}

async function parseDefinitions(sdl: string, slices: Slices): Promise<DocumentNode> {
  const parser = new Parser(sdl, { noLocation: true })
  parser.expectToken(TokenKind.SOF)
  const definitions: DefinitionNode[] = []
  do {
    definitions.push(parser.parseDefinition())
    const pause = slices()
    if (pause) await pause
  } while (!parser.expectOptionalToken(TokenKind.EOF))
  return { kind: Kind.DOCUMENT, definitions }
}

function askFor(type: GraphQLNamedType): void {
  if (isObjectType(type) || isInterfaceType(type)) {
    type.getFields()
    type.getInterfaces()
  } else if (isInputObjectType(type)) type.getFields()
  else if (isUnionType(type)) type.getTypes()
}
