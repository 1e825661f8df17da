import type { EntityFetch, PlanNode, PlanPath, QueryPlan, RequiredSelection, RootFetch } from './query-plan.ts'

/** A plan as the operator reads it: one node a line, what is inside indented. */
export function printPlan({ primary, node }: QueryPlan): string {
  const lines = [...(primary ? ['subscription', ...indent(printFetch(primary))] : []), ...(node ? printNode(node) : [])]
  return lines.length > 0 ? lines.join('\n') : 'nothing to fetch'
}

function printNode(node: PlanNode): readonly string[] {
  switch (node.kind) {
    case 'sequence':
    case 'parallel':
      return [node.kind, ...node.nodes.flatMap((inner) => indent(printNode(inner)))]
    case 'condition':
      return [
        ...(node.met ? [`if $${node.variable}`, ...indent(printNode(node.met))] : []),
        ...(node.unmet ? [`if not $${node.variable}`, ...indent(printNode(node.unmet))] : []),
      ]
    case 'landing':
      return [`as ${node.id}`, ...indent(printNode(node.node))]
    case 'defer':
      return [
        ...(node.primary ? ['at once', ...indent(printNode(node.primary))] : []),
        ...node.deferred.flatMap(({ label, depends, node: part }) => [
          `deferred ${label}${depends.length > 0 ? ` after ${depends.join(', ')}` : ''}`,
          ...(part ? indent(printNode(part)) : []),
        ]),
      ]
    case 'fetch':
      return printFetch(node)
    case 'entities':
      return printEntities(node)
    default:
      return node satisfies never
  }
}

function printFetch({ subgraph, path, document }: RootFetch): readonly string[] {
  return [`fetch ${subgraph}${path.length > 0 ? ` at ${printPath(path)}` : ''}`, ...indent([document])]
}

function printEntities({ subgraph, batches, document }: EntityFetch): readonly string[] {
  const places = batches.map(
    ({ paths, requires }) => `entities at ${paths.map(printPath).join(', ')} by ${printSelections(requires)}`,
  )
  return [`fetch ${subgraph}`, ...indent([...places, document])]
}

function printPath(path: PlanPath): string {
  const steps = path.map((step) => (typeof step === 'string' ? step : `|[${step.types.join(',')}]`))
  return steps.join('.')
}

function printSelections(selections: readonly RequiredSelection[]): string {
  const parts = selections.map((selection) => {
    const inner = selection.selections ? ` ${printSelections(selection.selections)}` : ''
    if (selection.kind === 'field') return `${selection.name}${inner}`
    return selection.type === null ? `...${inner}` : `... on ${selection.type}${inner}`
  })
  return `{ ${parts.join(' ')} }`
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`)
}
