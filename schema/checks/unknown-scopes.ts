import { type DocumentNode, Kind, valueFromASTUntyped, visit } from 'graphql'
import { scopes, systemScopes, tierScopes } from '../scopes.ts'

const known: ReadonlySet<string> = new Set([...Object.keys(scopes), ...Object.keys(tierScopes), ...systemScopes])

const none: ReadonlySet<string> = new Set()

/** Scopes that the SDL asks for and nobody can hold: neither the product's nor declared by a published subgraph. */
export function findUnknownScopes(document: DocumentNode, declared = none): string[] {
  const found = new Set<string>()
  visit(document, {
    Directive: {
      enter({ name, arguments: args }) {
        if (!name.value.endsWith('requiresScopes')) return
        for (const { value } of args ?? []) {
          if (value.kind === Kind.VARIABLE) continue
          for (const scope of [valueFromASTUntyped(value)].flat(2))
            if (!known.has(String(scope)) && !declared.has(String(scope))) found.add(String(scope))
        }
      },
    },
  })
  return [...found]
}
