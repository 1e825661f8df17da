import type { ConstDirectiveNode, DocumentNode } from 'graphql'
import type { DeclaredScope, SchemaProblem } from '../../kit/schema-workshop.ts'
import { isShippedPrefix } from '../scopes.ts'
import { argumentsOf, declarationsOf, isPlainLine } from './declared-directives.ts'
import { placeOfNode } from './locate.ts'

const mostScopes = 20
const longestDescription = 200

/** The scopes that an SDL declares, each once; what is no declaration by its shape is left out. */
export function readDeclaredScopes(document: DocumentNode): DeclaredScope[] {
  const found = new Map<string, DeclaredScope>()
  for (const node of declarationsOf(document, 'scope')) {
    const { name, description } = argumentsOf(node)
    if (typeof name === 'string' && typeof description === 'string' && !found.has(name)) {
      found.set(name, { name, description: description.trim() })
    }
  }
  return [...found.values()]
}

/**
 * What is wrong with the scopes that a subgraph declares. Each begins with the subgraph's own name, so that nobody can
 * declare anew what the product or another team has, and says in plain words what it allows.
 */
export function scopeProblems(document: DocumentNode, subgraph: string): SchemaProblem[] {
  const declarations = declarationsOf(document, 'scope')
  const problems: SchemaProblem[] = []
  const report = (node: ConstDirectiveNode, message: string, hint: string): void => {
    const found = { severity: 'ERROR', rule: 'POLICY', coordinate: null, query: null } as const
    problems.push({ ...found, message, hint, subgraph, ...placeOfNode(node) })
  }
  const beyond = declarations[mostScopes]
  if (beyond) {
    const message = `${declarations.length} scopes are declared, and at most ${mostScopes} are taken.`
    report(beyond, message, 'Few scopes that mean something to people are better than one for each field.')
  }
  const seen = new Set<string>()
  for (const node of declarations.slice(0, mostScopes)) {
    const { name, description } = argumentsOf(node)
    const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 80)) : 'This'
    const wrong = problemOfName(name, subgraph)
    if (wrong) report(node, `${shown} ${wrong}`, `For example @scope(name: "${subgraph}:read", description: "…").`)
    else if (seen.has(String(name))) report(node, `${shown} is declared twice.`, 'Declare it once.')
    seen.add(String(name))
    if (!isPlainLine(description, longestDescription)) {
      const hint = `One line of 1 to ${longestDescription} characters, as for a person who is asked for consent: "See your points".`
      report(node, `${shown} does not say in plain words what it allows.`, hint)
    }
  }
  return problems
}

function problemOfName(name: unknown, subgraph: string): string | undefined {
  if (isShippedPrefix(subgraph)) return `cannot be declared: scopes that begin with ${subgraph}: come with the product.`
  const own = typeof name === 'string' && name.startsWith(`${subgraph}:`)
  if (!own) return `does not begin with ${subgraph}: and is not this subgraph's to declare.`
  const rest = name.slice(subgraph.length + 1)
  return /^[a-z][a-z\d-]{0,39}$/.test(rest) ? undefined : 'is no name: after the colon 1 to 40 of a-z, 0-9 and dashes.'
}
