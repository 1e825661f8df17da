import { type ConstDirectiveNode, type DocumentNode, Kind } from 'graphql'
import { readDirectives } from '../../kit/access-rule.ts'

/** The directives of this name on the schema itself, by which a subgraph declares what is its own. */
export function declarationsOf(document: DocumentNode, directive: string): ConstDirectiveNode[] {
  return document.definitions.flatMap((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
      ? (definition.directives ?? []).filter(({ name }) => name.value === directive)
      : [],
  )
}

/** What a declaration says, by argument. */
export function argumentsOf(node: ConstDirectiveNode): Readonly<Record<string, unknown>> {
  return readDirectives([node])[0]?.arguments ?? {}
}

/** One line of text without characters that are not seen or that turn the direction of those after them. */
export function isPlainLine(text: unknown, longest: number): boolean {
  if (typeof text !== 'string') return false
  const line = text.trim()
  return line.length > 0 && line.length <= longest && !/[\p{C}\p{Zl}\p{Zp}]/u.test(line)
}
