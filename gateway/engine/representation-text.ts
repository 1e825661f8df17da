import type { GraphQLSchema } from 'graphql'
import type { RequiredSelection } from '../operation/query-plan.ts'
import type { Variables } from '../request.ts'
import type { DataObject } from './data.ts'
import { generateCode, literal } from './generated-code.ts'
import { jsonText } from './json-text.ts'
import { possibleTypes } from './possible-types.ts'
import { type RepresentationMaker, createRepresentationMaker } from './representation.ts'
import type { Rewriter } from './rewrites.ts'

/** How the entities of a batch are told apart and written. */
export interface Representations {
  /**
   * Equal for objects that have the same representation, and for hardly any others; undefined when what is required
   * is not there.
   */
  keyOf(data: DataObject, variables: Variables): unknown
  /** Whether two objects of one key have the same representation. */
  isSame(left: DataObject, right: DataObject): boolean
  /** The representation as JSON text, of an object that has a key. */
  write(data: DataObject, variables: Variables): string
  /** The same in code that knows the fields; null where they are more than a few scalars of one type. */
  readonly generate: (() => Pick<Representations, 'keyOf' | 'isSame' | 'write'>) | null
  /** The representation as a value, of an object that has a key. */
  make(data: DataObject, variables: Variables): DataObject | null
}

/** Compiles representations: keys that are a few scalars, as most are, are read without making an object of them. */
export function createRepresentations(
  schema: GraphQLSchema,
  requires: readonly RequiredSelection[],
  rewrite: Rewriter | null,
): Representations {
  const unchanged = createRepresentationMaker(schema, requires)
  const make: RepresentationMaker =
    rewrite === null
      ? unchanged
      : (data, variables) => {
          const representation = unchanged(data, variables)
          if (representation) rewrite([representation])
          return representation
        }
  const scalars = rewrite === null ? scalarsByType(schema, requires) : null
  if (scalars) return { ...scalarRepresentations(scalars), make }
  const write = (data: DataObject, variables: Variables): string => JSON.stringify(make(data, variables))
  return {
    make,
    write,
    generate: null,
    isSame: () => true,
    keyOf: (data, variables) => {
      const representation = make(data, variables)
      return representation === null ? undefined : JSON.stringify(representation)
    },
  }
}

interface Scalar {
  readonly key: string
  /** Its name in JSON, with the comma or brace before it. */
  readonly label: string
}

function scalarRepresentations(byType: ReadonlyMap<string, readonly Scalar[]>): Omit<Representations, 'make'> {
  const write = (data: DataObject): string => {
    let text = ''
    for (const { key, label } of byType.get(data['__typename'] as string) ?? []) text += label + jsonText(data[key])
    return `${text}}`
  }
  const [only, ...otherTypes] = new Set(byType.values())
  const keys = otherTypes.length === 0 && byType.size === 1 ? (only ?? []).map(({ key }) => key) : []
  // With one type, the value of its first field besides its name nearly always tells objects apart.
  const [first, ...others] = keys.filter((key) => key !== '__typename')
  const isWhole = (data: DataObject): boolean =>
    (byType.get(data['__typename'] as string) ?? noFields).every(({ key }) => isThere(data[key]))
  const [typeName] = byType.keys()
  return {
    write,
    generate: first === undefined || typeName === undefined ? null : () => generate(typeName, only ?? []),
    keyOf(data) {
      if (!byType.has(data['__typename'] as string) || !isWhole(data)) return undefined
      const value = first === undefined ? undefined : data[first]
      return typeof value === 'string' || typeof value === 'number' ? value : `\n${write(data)}`
    },
    isSame: (left, right) => others.every((key) => left[key] === right[key]),
  }
}

/** Code that reads a field into `v`, and returns where it is not there. */
function unlessThere(key: string): string {
  return `v=d[${key}];if(v===undefined||typeof v==="function")return;`
}

/** What `scalarRepresentations` does with objects of one type, field by field. */
function generate(typeName: string, scalars: readonly Scalar[]): Pick<Representations, 'keyOf' | 'isSame' | 'write'> {
  const fields = scalars.filter(({ key }) => key !== '__typename').map(({ key }) => literal(key))
  const [first, ...others] = fields
  const type = literal('__typename')
  const parts = scalars.map(({ key, label }) =>
    key === '__typename' ? literal(label + JSON.stringify(typeName)) : `${literal(label)}+jsonText(d[${literal(key)}])`,
  )
  const write = `function(d){return ${parts.join('+')}+"}"}`
  const keyOf = `function(d){let v;if(d[${type}]!==${literal(typeName)})return;${others.map(unlessThere).join('')}${unlessThere(first ?? '')}return typeof v==="string"||typeof v==="number"?v:"\\n"+write(d)}`
  const isSame = `function(l,r){return ${others.map((key) => `l[${key}]===r[${key}]&&`).join('')}true}`
  const code = `const write=${write};return{write,keyOf:${keyOf},isSame:${isSame}}`
  return generateCode(code, { jsonText }) as Pick<Representations, 'keyOf' | 'isSame' | 'write'>
}

const noFields: readonly Scalar[] = []

function isThere(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function'
}

/** The fields by type, for fragments of scalars on types that exclude each other; null for all else. */
function scalarsByType(
  schema: GraphQLSchema,
  requires: readonly RequiredSelection[],
): ReadonlyMap<string, readonly Scalar[]> | null {
  const byType = new Map<string, readonly Scalar[]>()
  for (const fragment of requires) {
    if (fragment.kind !== 'fragment' || fragment.type === null || fragment.skipIf || fragment.includeIf) return null
    const names = new Set<string>()
    const scalars: Scalar[] = []
    for (const field of fragment.selections) {
      if (field.kind !== 'field' || field.selections !== null || names.has(field.name)) return null
      names.add(field.name)
      scalars.push({
        key: field.responseKey,
        label: `${scalars.length === 0 ? '{' : ','}${JSON.stringify(field.name)}:`,
      })
    }
    if (scalars.length === 0) return null
    for (const name of possibleTypes(schema, [fragment.type])) {
      if (byType.has(name)) return null
      byType.set(name, scalars)
    }
  }
  return byType
}
