import type { ASTNode, DocumentNode, GraphQLError } from 'graphql'
import type { SchemaProblem } from '../../kit/schema-workshop.ts'
import { type Place, beginning, placeOf, placeOfError, placeOfNode } from './locate.ts'

/** Composition tells the same of every query that meets one fault; more than this help nobody. */
const mostProblems = 50
const longestMessage = 4_000

/** What composition says, as problems with a place: in the text of the subgraph that changed wherever that is to blame. */
export function compositionProblems(
  errors: readonly GraphQLError[],
  { changed, documents }: { readonly changed: string; readonly documents: ReadonlyMap<string, DocumentNode> },
): SchemaProblem[] {
  return errors.slice(0, mostProblems).map((error) => {
    const { code } = error.extensions
    const unsatisfiable = code === 'SATISFIABILITY_ERROR'
    const { subgraph, place, coordinate } = blame(error, changed, documents)
    return {
      severity: 'ERROR',
      rule: unsatisfiable ? 'SATISFIABILITY' : 'COMPOSITION',
      message: error.message.slice(0, longestMessage),
      subgraph,
      coordinate,
      ...place,
      hint: hints.get(String(code)) ?? null,
      query: unsatisfiable ? failingQuery(error.message) : null,
    }
  })
}

const hints: ReadonlyMap<string, string> = new Map([
  [
    'SATISFIABILITY_ERROR',
    'Give the type a @key that the other subgraphs also have, or mark what they both answer @shareable.',
  ],
  ['INVALID_FIELD_SHARING', 'Mark the field @shareable in every subgraph that answers it, or leave it to its owner.'],
  ['FIELD_TYPE_MISMATCH', 'Answer the type that the other subgraph does, or give the field another name.'],
  ['UNKNOWN_TYPE', 'Define the type in this subgraph too: a stub with its @key is enough for an entity.'],
  ['INVALID_GRAPHQL', 'Mend the SDL; names of federation directives must be imported by @link.'],
])

function blame(
  error: GraphQLError,
  changed: string,
  documents: ReadonlyMap<string, DocumentNode>,
): { readonly subgraph: string; readonly place: Place; readonly coordinate: string | null } {
  const nodes = (error.nodes ?? []) as readonly (ASTNode & { readonly subgraph?: string })[]
  const node =
    nodes.find(({ subgraph }) => subgraph === changed) ?? nodes.find(({ subgraph }) => subgraph !== undefined)
  const coordinate = /"([A-Za-z_]\w*\.[A-Za-z_]\w*)/.exec(error.message)?.[1] ?? null
  if (node?.subgraph !== undefined) return { subgraph: node.subgraph, place: placeOfNode(node), coordinate }
  const place = placeOf(documents.get(changed) ?? null, coordinate)
  if (place !== beginning) return { subgraph: changed, place, coordinate }
  return { subgraph: changed, place: placeOfError(error), coordinate }
}

/** Composition writes the query between its first two sentences. */
function failingQuery(message: string): string | null {
  return /^The following supergraph API query:\n([\s\S]*?)\ncannot be satisfied/.exec(message)?.[1] ?? null
}
