import { GraphQLError, Kind, defaultFieldResolver, isObjectType } from 'graphql'

/**
 * Looks at scopes a second time: the gateway drops fields that a caller may not see, and this holds should anything else
 * ever call. Read from the same directives, so that there is one source.
 * @param {import('graphql').GraphQLSchema} schema
 */
export function guardByScopes(schema) {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('_')) continue
    for (const field of Object.values(type.getFields())) {
      const alternatives = scopesOf(field)
      if (alternatives === null) continue
      const { resolve = defaultFieldResolver, subscribe } = field
      field.resolve = (source, args, context, info) => {
        demand(alternatives, context, info.fieldName)
        return resolve(source, args, context, info)
      }
      if (subscribe === undefined) continue
      field.subscribe = (source, args, context, info) => {
        demand(alternatives, context, info.fieldName)
        return subscribe(source, args, context, info)
      }
    }
  }
  return schema
}

/**
 * The sets of scopes of which a caller must have one; null where none are asked for.
 * @param {import('graphql').GraphQLField<unknown, unknown>} field
 * @returns {readonly (readonly string[])[] | null}
 */
function scopesOf({ astNode }) {
  const directive = astNode?.directives?.find(({ name }) => name.value === 'requiresScopes')
  const value = directive?.arguments?.[0]?.value
  if (value?.kind !== Kind.LIST) return null
  return value.values.map((set) =>
    set.kind === Kind.LIST ? set.values.flatMap((scope) => (scope.kind === Kind.STRING ? [scope.value] : [])) : [],
  )
}

/**
 * @param {readonly (readonly string[])[]} alternatives
 * @param {{ caller: import('./gateway-signature.js').Caller }} context
 * @param {string} name
 */
function demand(alternatives, { caller }, name) {
  if (alternatives.some((set) => set.every((scope) => caller.scopes.includes(scope)))) return
  throw new GraphQLError(`You may not see ${name}.`, { extensions: { code: 'FORBIDDEN' } })
}
