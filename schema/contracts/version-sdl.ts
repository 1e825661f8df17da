import {
  type DefinitionNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  type InputObjectTypeDefinitionNode,
  Kind,
  type TypeNode,
  isTypeDefinitionNode,
  parse,
  print,
} from 'graphql'
import type { SchemaChange } from '../../kit/schema-workshop.ts'
import { visibleDefinitions } from '../../kit/visible-definitions.ts'

/**
 * What a graph can still serve of a version's schema: all of it, but for what the graph has broken since. A check
 * refuses to publish such a graph; one that comes from a file has passed none, and the rest of a version is served on.
 */
export function servableVersion(sdl: string, changes: readonly SchemaChange[]): string {
  const broken = new Set(
    changes.flatMap(({ criticality, coordinate }) =>
      criticality === 'BREAKING' && coordinate !== null ? [coordinate] : [],
    ),
  )
  if (broken.size === 0) return sdl
  const { definitions } = parse(sdl, { noLocation: true })
  const isBelowBroken = (coordinate: string): boolean =>
    [...broken].some((one) => one === coordinate || one.startsWith(`${coordinate}.`))
  const inputs = definitions.filter((one) => one.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
  const gone = brokenInputs(inputs, isBelowBroken)
  for (const one of broken) gone.add(one)

  const fields = new Map<string, FieldDefinitionNode>(
    definitions.flatMap((type) =>
      type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION
        ? (type.fields ?? []).map((field) => [`${type.name.value}.${field.name.value}`, field] as const)
        : [],
    ),
  )
  const left = visibleDefinitions(definitions.flatMap(withoutBrokenValues(broken)), (typeName, name) => {
    const coordinate = `${typeName}.${name}`
    const field = fields.get(coordinate)
    if (field === undefined || gone.has(typeName) || isBelowBroken(coordinate)) return false
    return ![field.type, ...(field.arguments ?? []).map(({ type }) => type)].some((type) => gone.has(namedType(type)))
  })
  return `${print({ kind: Kind.DOCUMENT, definitions: left }).trim()}\n`
}

/** Input types that cannot be sent as they were, and those that hold them. */
function brokenInputs(
  inputs: readonly InputObjectTypeDefinitionNode[],
  isBelowBroken: (coordinate: string) => boolean,
): Set<string> {
  const gone = new Set(inputs.map(({ name }) => name.value).filter(isBelowBroken))
  for (let before = -1; before !== gone.size;) {
    before = gone.size
    for (const { name, fields = [] } of inputs) {
      if (fields.some(({ type }) => gone.has(namedType(type)))) gone.add(name.value)
    }
  }
  return gone
}

function withoutBrokenValues(broken: ReadonlySet<string>) {
  return (definition: DefinitionNode): DefinitionNode[] => {
    if (!isTypeDefinitionNode(definition)) return [definition]
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION) return [definition]
    const of = definition.name.value
    const values = (definition.values ?? []).filter(({ name }) => !broken.has(`${of}.${name.value}`))
    return [{ ...definition, values } satisfies EnumTypeDefinitionNode]
  }
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type)
}
