import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type InterfaceTypeDefinitionNode,
  parse,
  valueFromASTUntyped,
} from 'graphql'
import type { PlannerName } from './planner.ts'

type TypeNode = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
type Arguments = Readonly<Record<string, unknown>>

/**
 * What a supergraph has that the planner would answer wrongly, each with its place; empty when it has nothing of it.
 * Such a supergraph is refused as a whole when it is loaded: a wrong answer would show nowhere.
 */
export function supergraphFaults(supergraphSdl: string, planner: PlannerName): string[] {
  const types = parse(supergraphSdl, { noLocation: true }).definitions.filter(
    (definition) =>
      definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION,
  )
  return types.flatMap((type) => [
    ...(type.fields ?? []).flatMap((field) => fieldFaults(type, field, planner)),
    ...(planner === 'apollo' ? keyFaults(type) : []),
  ])
}

function fieldFaults(type: TypeNode, field: FieldDefinitionNode, planner: PlannerName): string[] {
  const coordinate = `${type.name.value}.${field.name.value}`
  return argumentsOf(field.directives, 'join__field').flatMap(
    ({ graph, requires, contextArguments, overrideLabel }) => {
      const where = `${coordinate} in the subgraph ${String(graph)}`
      const faults: string[] = []
      if (contextArguments !== undefined)
        faults.push(`${where} takes an argument from @fromContext, which is not supported`)
      if (overrideLabel !== undefined) faults.push(`${where} has an @override with a label, which is not supported`)
      if (planner === 'apollo' && typeof requires === 'string' && requires.includes('(')) {
        faults.push(
          `${where} @requires a field with arguments (${requires}), which Apollo's planner mixes up with others`,
        )
      }
      return faults
    },
  )
}

/** Apollo's planner enters a subgraph by keys that it cannot be entered by, or gives up in silence. */
function keyFaults(type: TypeNode): string[] {
  const keys = argumentsOf(type.directives, 'join__type')
  return keys.flatMap(({ graph, key, resolvable, isInterfaceObject }) => {
    if (resolvable !== false) return []
    const where = `${type.name.value} in the subgraph ${String(graph)}`
    if (isInterfaceObject === true) {
      return [`${where} is an interface object that cannot be resolved, of which Apollo's planner answers null`]
    }
    const others = keys.filter((other) => other['graph'] === graph && other['resolvable'] !== false)
    const requires = (type.fields ?? []).some(({ directives }) =>
      argumentsOf(directives, 'join__field').some(
        (field) => field['graph'] === graph && field['requires'] !== undefined,
      ),
    )
    if (others.length === 0 || !requires) return []
    return [
      `${where} has @requires and a key that is not resolvable (${String(key)}), by which Apollo's planner enters it`,
    ]
  })
}

function argumentsOf(directives: readonly ConstDirectiveNode[] | undefined, name: string): Arguments[] {
  return (directives ?? [])
    .filter((directive) => directive.name.value === name)
    .map(({ arguments: given = [] }) =>
      Object.fromEntries(given.map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)])),
    )
}
