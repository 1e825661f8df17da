import { readFileSync } from 'node:fs'
import {
  type GraphQLObjectType,
  buildSchema,
  getNamedType,
  isEnumType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { type AccessRule, allows, fieldRule } from '../../kit/access-rule.ts'
import { type Scope, tierScopes } from '../../schema/scopes.ts'
import type { Caller } from '../../kit/caller.ts'
import { demoCaller } from '../subgraphs/demo-graph.ts'
import { type ArgumentsOf, type Field, type Path, objectTypeOf, pathsThrough } from './api-schema.ts'
import type { Answer } from './witness.ts'

/** Sees all data of the demo with all scopes, so that what is missing is missing for the scope. */
const app = 'operator-console'

const supergraph = buildSchema(readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8'), {
  assumeValid: true,
})

export function ruleOf(type: GraphQLObjectType, field: string): AccessRule {
  const known = supergraph.getType(type.name)
  if (!isObjectType(known)) throw new Error(`the supergraph has no ${type.name}`)
  return fieldRule(supergraph, known, field)
}

/** Who has these scopes of an app, and those that come with the tier, which no token can leave out. */
function callerWith(held: readonly Scope[]): Caller {
  return demoCaller(app, { scopes: [...held, ...Object.keys(tierScopes)] })
}

/** Arguments that make a field answer something, `null` where a caller with these scopes may not ask for it. */
export function argumentsFor(held: readonly Scope[]): ArgumentsOf {
  const caller = callerWith(held)
  return (field, type) => {
    if (!allows(ruleOf(type, field.name), caller)) return null
    return someArguments(field)
  }
}

export function someArguments(field: Field): string | null {
  const given: string[] = []
  for (const argument of field.args) {
    const named = getNamedType(argument.type)
    if (argument.name === 'first') given.push('first: 1')
    else if (isRequiredArgument(argument)) {
      if (!isEnumType(named)) return null
      given.push(`${argument.name}: ${named.getValues()[0]?.name}`)
    }
  }
  return given.length === 0 ? '' : `(${given.join(', ')})`
}

export interface Target {
  readonly path: Path
  readonly type: GraphQLObjectType
  readonly denied: readonly Field[]
}

/** The fields of a type that a caller with these scopes may not see. */
export function deniedOf(type: GraphQLObjectType, held: readonly Scope[]): Field[] {
  const caller = callerWith(held)
  return Object.values(type.getFields()).filter(
    (field) => !allows(ruleOf(type, field.name), caller) && someArguments(field) !== null,
  )
}

/** What a caller without a scope can get to that has fields which ask for it, by every edge that leads there. */
export function targetsWithout(held: readonly Scope[], root: GraphQLObjectType): Target[] {
  const there = pathsThrough(root, argumentsFor(held), 1).map((path) => ({
    path,
    type: objectTypeOf(path.at(-1) as Field),
  }))
  return [{ path: [], type: root }, ...there].flatMap(({ path, type }) => {
    const denied = type === null ? [] : deniedOf(type, held)
    return type === null || denied.length === 0 ? [] : [{ path, type, denied }]
  })
}

/** A field with something of it, as plain as can be. */
export function bare(field: Field): string {
  const type = objectTypeOf(field)
  return `${field.name}${someArguments(field) ?? ''}${type === null ? '' : ' { __typename }'}`
}

const fragmentOf = (type: GraphQLObjectType): string => `${type.name}Secrets`
const aliased = 2

/** Asks for denied fields plainly, by alias, in a fragment, in one within one, and under conditions. */
export function routesTo(root: GraphQLObjectType, { path, type, denied }: Target, argumentsOf: ArgumentsOf): string {
  const [one = ''] = denied.map(bare)
  const inner = `__typename ...${fragmentOf(type)} ... on ${type.name} { ${one} ... @include(if: $yes) { ${one} } }
    ${denied
      .slice(0, aliased)
      .map((field, index) => `secret${index}: ${bare(field)}`)
      .join(' ')}`
  const owners = [root, ...path.slice(0, -1).map((field) => objectTypeOf(field) ?? root)]
  return path.reduceRight((text, field, index) => {
    return `${field.name}${argumentsOf(field, owners[index] ?? root) ?? ''} { ${text} }`
  }, inner)
}

/** The fragments that `routesTo` spreads. */
export function fragmentsOf(targets: readonly Target[]): string {
  const types = [...new Map(targets.map((target) => [target.type.name, target])).values()]
  return types
    .map(({ type, denied }) => {
      const [first, ...more] = denied.map(bare)
      return `fragment ${fragmentOf(type)} on ${type.name} { ${first} ...${fragmentOf(type)}2 }
        fragment ${fragmentOf(type)}2 on ${type.name} { ${more.length === 0 ? first : more.join(' ')} }`
    })
    .join('\n')
}

/** Targets in documents, as many in each as one operation may have. */
export function* documentsTo(
  root: GraphQLObjectType,
  targets: readonly Target[],
  argumentsOf: ArgumentsOf,
): Generator<{ document: string; asked: readonly Target[] }> {
  const size = 8
  for (let at = 0; at < targets.length; at += size) {
    const asked = targets.slice(at, at + size)
    const selections = asked.map((target, index) =>
      target.path.length === 0
        ? routesTo(root, target, argumentsOf)
        : `way${index}: ${routesTo(root, target, argumentsOf)}`,
    )
    yield { document: `query Steal($yes: Boolean!) { ${selections.join('\n')} } ${fragmentsOf(asked)}`, asked }
  }
}

/** Values of denied fields that an answer gave away, and denials that it did not tell. */
export function faultsOf({ data, errors, text }: Answer, asked: readonly Target[]): string[] {
  if (data === undefined) return [text]
  const told = new Set(errors.map(({ extensions }) => extensions?.['coordinate']))
  return asked.flatMap(({ path, type, denied }, index) => {
    const [, ...rest] = path
    const start: unknown = path.length === 0 ? data : data?.[`way${index}`]
    const objects = rest.reduce(
      (found: unknown[], { name }) => found.flatMap((object) => below(object, name)),
      [start].flat(),
    )
    const names = [...denied.map(({ name }) => name), 'secret0', 'secret1']
    const given = objects.flatMap((object) =>
      names.filter((name) => below(object, name).some((value) => value !== null)),
    )
    const silent = denied
      .filter(({ name }) => !told.has(`${type.name}.${name}`))
      .map(({ name }) => `${type.name}.${name} is not told`)
    return [...given.map((name) => `${type.name}.${name} was given`), ...silent]
  })
}

export function below(object: unknown, name: string): unknown[] {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, name)) return []
  return [(object as Record<string, unknown>)[name]].flat()
}
