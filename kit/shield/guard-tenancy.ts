import {
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  defaultFieldResolver,
  getNamedType,
  isObjectType,
} from 'graphql'
import type { Caller } from '../caller.ts'
import { guardMark } from './guard-mark.ts'
import { type Tenancy, isVisibleTo, tenancyOf } from './tenancy.ts'

interface GuardedContext {
  readonly caller: Caller
}
type ReferenceResolver = (reference: unknown, context: GuardedContext, info: GraphQLResolveInfo) => unknown

/**
 * The second look at whose data is answered, behind the filters of the models: a document of another organization is
 * null to `_entities`, and any other field that is about to answer one fails as INTERNAL, because a model has forgotten
 * its filter. Changes the schema in place.
 */
export function guardTenancy(schema: GraphQLSchema): void {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType)
  const marked = new Map(
    types.flatMap((type) => {
      const tenancy = tenancyOf(type)
      return tenancy?.kind === 'partner' ? [[type.name, tenancy] as const] : []
    }),
  )
  for (const type of types) {
    const tenancy = marked.get(type.name)
    const resolve = tenancy && referenceResolverOf(type)
    if (resolve) setReferenceResolver(type, guardReference(resolve, tenancy))
    for (const [name, field] of Object.entries(type.getFields())) {
      const returned = getNamedType(field.type).name
      const own = marked.get(returned)
      // What is between `_entities` and its types has been looked at by their reference resolvers.
      if (own === undefined || name.startsWith('_')) continue
      const foreign = `${type.name}.${name} has found a ${returned} of another organization`
      field.resolve = guardField(field.resolve ?? defaultFieldResolver, own, foreign)
    }
  }
}

function guardReference(resolve: ReferenceResolver, tenancy: Tenancy): ReferenceResolver {
  const guarded: ReferenceResolver = async (reference, context, info) => {
    const document = await resolve(reference, context, info)
    return typeof document === 'object' && document !== null && isVisibleTo(context.caller, tenancy, document)
      ? document
      : null
  }
  return guardMark.set(guarded, 'tenancy')
}

function guardField(
  resolve: GraphQLFieldResolver<unknown, GuardedContext>,
  tenancy: Tenancy,
  foreign: string,
): GraphQLFieldResolver<unknown, GuardedContext> {
  const guarded: GraphQLFieldResolver<unknown, GuardedContext> = (parent, args, context, info) => {
    if (context.caller.operator) return resolve(parent, args, context, info)
    const look = (value: unknown): unknown => {
      if (value instanceof Promise) return value.then(look)
      if (Array.isArray(value)) return value.map(look)
      if (typeof value !== 'object' || value === null || value instanceof Error || isReference(value)) return value
      if (!isVisibleTo(context.caller, tenancy, value)) throw new Error(foreign)
      return value
    }
    return look(resolve(parent, args, context, info))
  }
  return guardMark.set(guarded, 'tenancy')
}

/** A key without a document: whoever resolves it decides. */
function isReference(value: object): boolean {
  return Object.keys(value).every((key) => key === 'id' || key === '__typename')
}

/** Where @apollo/subgraph keeps `__resolveReference`. */
interface FederationExtensions {
  apollo?: { subgraph?: { resolveReference?: ReferenceResolver } }
}

/** The reference resolver of an entity; undefined when representations are taken as they are. */
export function referenceResolverOf(type: GraphQLObjectType): ReferenceResolver | undefined {
  return (type.extensions as FederationExtensions).apollo?.subgraph?.resolveReference
}

function setReferenceResolver(type: GraphQLObjectType, resolveReference: ReferenceResolver): void {
  const { apollo } = type.extensions as FederationExtensions
  type.extensions = { ...type.extensions, apollo: { ...apollo, subgraph: { ...apollo?.subgraph, resolveReference } } }
}
