import { type GraphQLSchema, isAbstractType } from 'graphql'

/** The names of the object types that some types stand for: themselves, and those behind interfaces and unions. */
export function possibleTypes(schema: GraphQLSchema, names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const name of names) {
    // The name itself too: for an interface object, a subgraph knows the interface's name alone.
    found.add(name)
    const type = schema.getType(name)
    if (isAbstractType(type)) for (const { name: possible } of schema.getPossibleTypes(type)) found.add(possible)
  }
  return found
}
