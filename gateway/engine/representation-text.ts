import type { GraphQLSchema } from 'graphql'
import type { RequiredSelection } from '../operation/query-plan.ts'
import type { Variables } from '../request.ts'
import type { DataObject } from './data.ts'
import { possibleTypes } from './possible-types.ts'
import { jsonText } from './json-text.ts'
import { type RepresentationMaker, createRepresentationMaker } from './representation.ts'
import type { Rewriter } from './rewrites.ts'

/** Writes a representation as JSON text straight from the data; null when the data does not have what is required. */
export type RepresentationWriter = (data: DataObject, variables: Variables) => string | null

/** Compiles a writer: for keys that are a few scalars, as most are, without making an object first. */
export function createRepresentationWriter(
  schema: GraphQLSchema,
  requires: readonly RequiredSelection[],
  rewrite: Rewriter | null,
): { readonly write: RepresentationWriter; readonly make: RepresentationMaker } {
  const unchanged = createRepresentationMaker(schema, requires)
  const make: RepresentationMaker =
    rewrite === null
      ? unchanged
      : (data, variables) => {
          const representation = unchanged(data, variables)
          if (representation) rewrite([representation])
          return representation
        }
  const write = rewrite === null ? createScalarWriter(schema, requires) : null
  return {
    make,
    write:
      write ??
      ((data, variables) => {
        const representation = make(data, variables)
        return representation && JSON.stringify(representation)
      }),
  }
}

/** For fragments of scalars on types that exclude each other; null for all else. */
function createScalarWriter(
  schema: GraphQLSchema,
  requires: readonly RequiredSelection[],
): RepresentationWriter | null {
  const byType = new Map<string, readonly { readonly key: string; readonly label: string }[]>()
  for (const fragment of requires) {
    if (fragment.kind !== 'fragment' || fragment.type === null || fragment.skipIf || fragment.includeIf) return null
    const fields = fragment.selections.map((field) =>
      field.kind === 'field' && field.selections === null
        ? { key: field.responseKey, label: `${JSON.stringify(field.name)}:` }
        : null,
    )
    const scalars = fields.filter((field) => field !== null)
    if (scalars.length < fields.length || scalars.length === 0) return null
    if (new Set(scalars.map(({ label }) => label)).size < scalars.length) return null
    for (const name of possibleTypes(schema, [fragment.type])) {
      if (byType.has(name)) return null
      byType.set(name, scalars)
    }
  }
  return (data) => {
    const fields = byType.get(data['__typename'] as string)
    if (fields === undefined) return null
    let text = ''
    for (const { key, label } of fields) {
      const value = data[key]
      if (value === undefined || typeof value === 'function') return null
      text += `${text === '' ? '{' : ','}${label}${jsonText(value)}`
    }
    return `${text}}`
  }
}
