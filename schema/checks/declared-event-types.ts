import type { ConstDirectiveNode, DocumentNode } from 'graphql'
import type { EventTypeDeclaration } from '../../kit/declared-event-types.ts'
import { isShippedEventType } from '../../kit/event-types.ts'
import type { SchemaProblem } from '../../kit/schema-workshop.ts'
import { isShippedPrefix, scopes, tierScopes } from '../scopes.ts'
import { argumentsOf, declarationsOf, isPlainLine } from './declared-directives.ts'
import { placeOfNode } from './locate.ts'

/** A reader of all the scopes there are reads all types, so each subgraph has a bounded part of that. */
export const mostEventTypes = 50
const longestDescription = 200

const productScopes: ReadonlySet<string> = new Set([...Object.keys(scopes), ...Object.keys(tierScopes)])

/** The types of events that an SDL declares, each once; what is no declaration by its shape is left out. */
export function readDeclaredEventTypes(document: DocumentNode): EventTypeDeclaration[] {
  const found = new Map<string, EventTypeDeclaration>()
  for (const node of declarationsOf(document, 'eventType')) {
    const { name, description, scope } = argumentsOf(node)
    if (typeof name !== 'string' || typeof description !== 'string' || typeof scope !== 'string') continue
    if (!found.has(name)) found.set(name, { name, description: description.trim(), scope })
  }
  return [...found.values()]
}

interface Declared {
  readonly subgraph: string
  /** The scopes that published subgraphs declare, this one too. */
  readonly declared: ReadonlySet<string>
}

/**
 * What is wrong with the event types that a subgraph declares. Each begins with the subgraph's own name, so that nobody
 * can record events that the product or another team tells of, and asks for a scope that an app can hold.
 */
export function eventTypeProblems(document: DocumentNode, { subgraph, declared }: Declared): SchemaProblem[] {
  const nodes = declarationsOf(document, 'eventType')
  const problems: SchemaProblem[] = []
  const report = (node: ConstDirectiveNode, message: string, hint: string): void => {
    const found = { severity: 'ERROR', rule: 'EVENT_TYPE', coordinate: null, query: null } as const
    problems.push({ ...found, message, hint, subgraph, ...placeOfNode(node) })
  }
  const beyond = nodes[mostEventTypes]
  if (beyond) {
    const message = `${nodes.length} event types are declared, and at most ${mostEventTypes} are taken.`
    report(beyond, message, 'Tell what has happened to whom by the data of an event, not by a type for each case.')
  }
  const seen = new Set<string>()
  for (const node of nodes.slice(0, mostEventTypes)) {
    const { name, description } = argumentsOf(node)
    const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 100)) : 'This'
    const wrong = problemOfName(name, subgraph)
    const example = `For example @eventType(name: "${subgraph}.points_awarded", description: "…", scope: "${subgraph}:read").`
    if (wrong) report(node, `${shown} ${wrong}`, example)
    else if (seen.has(String(name))) report(node, `${shown} is declared twice.`, 'Declare it once.')
    seen.add(String(name))
    if (!isPlainLine(description, longestDescription)) {
      const hint = `One line of 1 to ${longestDescription} characters, for who chooses what to listen to: "Points were awarded."`
      report(node, `${shown} does not say in plain words what has happened.`, hint)
    }
  }
  return [...problems, ...unreadableTypes(document, { subgraph, declared })]
}

/** Types whose events no app could read, also because another subgraph has taken its scope away. */
export function unreadableTypes(document: DocumentNode, { subgraph, declared }: Declared): SchemaProblem[] {
  return declarationsOf(document, 'eventType')
    .slice(0, mostEventTypes)
    .flatMap((node): SchemaProblem[] => {
      const { name, scope } = argumentsOf(node)
      if (typeof scope === 'string' && (productScopes.has(scope) || declared.has(scope))) return []
      const message = `No app can hold ${typeof scope === 'string' ? `the scope ${scope.slice(0, 100)}` : 'a scope'} that reading ${String(name).slice(0, 100)} would need.`
      const hint = `Name one of the scopes of the graph, which README lists, or declare one of your own: @scope(name: "${subgraph}:read", description: "…").`
      const found = { severity: 'ERROR', rule: 'EVENT_TYPE', coordinate: null, query: null } as const
      return [{ ...found, message, hint, subgraph, ...placeOfNode(node) }]
    })
}

function problemOfName(name: unknown, subgraph: string): string | undefined {
  const prefix = `${subgraph}.`
  if (isShippedPrefix(subgraph) || isShippedEventType(prefix) || subgraph === 'events') {
    return `cannot be declared: event types that begin with ${prefix} come with the product.`
  }
  if (typeof name !== 'string' || !name.startsWith(prefix)) {
    return `does not begin with ${prefix} and is not this subgraph's to declare.`
  }
  const isName = /^[a-z][a-z\d_]{0,59}$/.test(name.slice(prefix.length))
  return isName ? undefined : 'is no name: after the dot 1 to 60 of a-z, 0-9 and underscores, in the past tense.'
}
