import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type VariableDefinitionNode,
  parse,
  stripIgnoredCharacters,
  print,
  visit,
} from 'graphql'
import type { EntityBatch, EntityFetch, PlanNode } from '../operation/query-plan.ts'

/**
 * The branches of a parallel node with all entity fetches to one subgraph made one, by aliases: one request instead of
 * several, which the subgraph answers with the same loaders. Planners do it for some.
 */
export function mergeFetches(nodes: readonly PlanNode[]): PlanNode[] {
  const bySubgraph = new Map<string, EntityFetch[]>()
  for (const node of nodes) {
    if (node.kind !== 'entities') continue
    bySubgraph.set(node.subgraph, [...(bySubgraph.get(node.subgraph) ?? []), node])
  }
  const merged = new Map([...bySubgraph].map(([subgraph, fetches]) => [subgraph, merge(fetches)]))
  return nodes.flatMap((node): PlanNode[] => {
    const whole = node.kind === 'entities' ? merged.get(node.subgraph) : null
    if (!whole) return [node]
    // It stands where the first of them did.
    return bySubgraph.get(whole.subgraph)?.[0] === node ? [whole] : []
  })
}

/** Null when there is nothing to merge, or the documents are of a form that cannot be. */
function merge(fetches: readonly EntityFetch[]): EntityFetch | null {
  const [first] = fetches
  if (fetches.length < 2) return null
  const parts = fetches.map((fetch, index) => renameAll(fetch, index))
  if (first === undefined || parts.some((part) => part === null)) return null
  const whole = parts.filter((part) => part !== null)
  const definitions = new Map<string, VariableDefinitionNode>()
  for (const { operation } of whole) {
    for (const definition of operation.variableDefinitions ?? [])
      definitions.set(definition.variable.name.value, definition)
  }
  const selections = whole.flatMap(({ operation }) => operation.selectionSet.selections)
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        ...(whole[0]?.operation as OperationDefinitionNode),
        variableDefinitions: [...definitions.values()],
        selectionSet: { kind: Kind.SELECTION_SET, selections },
      },
      ...whole.flatMap(({ document: { definitions: all } }) =>
        all.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION),
      ),
    ],
  }
  return {
    kind: 'entities',
    subgraph: first.subgraph,
    document: stripIgnoredCharacters(print(document)),
    operationName: first.operationName,
    variables: [...new Set(fetches.flatMap(({ variables }) => variables))],
    batches: whole.flatMap(({ batches }) => batches),
  }
}

interface Part {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly batches: readonly EntityBatch[]
}

/** A fetch whose aliases, representations and fragments have names that no other fetch of the stage has. */
function renameAll(fetch: EntityFetch, index: number): Part | null {
  const keys = new Map(fetch.batches.map(({ responseKey }, batch) => [responseKey, `_e${index}_${batch}`]))
  const variables = new Map(fetch.batches.map(({ variable }, batch) => [variable, `_r${index}_${batch}`]))
  const document = visit(parse(fetch.document, { noLocation: true }), {
    Variable: ({ name }) => ({
      kind: Kind.VARIABLE,
      name: { kind: Kind.NAME, value: rename(variables, name.value) },
    }),
    FragmentSpread: (spread) => ({ ...spread, name: { ...spread.name, value: `${spread.name.value}_${index}` } }),
    FragmentDefinition: (fragment) => ({
      ...fragment,
      name: { ...fragment.name, value: `${fragment.name.value}_${index}` },
    }),
  })
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  if (operation === undefined || operation.directives?.length) return null
  const selections: SelectionNode[] = []
  for (const field of operation.selectionSet.selections) {
    const key = field.kind === Kind.FIELD ? keys.get(field.alias?.value ?? field.name.value) : undefined
    if (field.kind !== Kind.FIELD || key === undefined) return null
    selections.push({ ...field, alias: { kind: Kind.NAME, value: key } })
  }
  return {
    document,
    operation: { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } },
    batches: fetch.batches.map((batch) => ({
      ...batch,
      responseKey: rename(keys, batch.responseKey),
      variable: rename(variables, batch.variable),
    })),
  }
}

function rename(names: ReadonlyMap<string, string>, name: string): string {
  return names.get(name) ?? name
}
