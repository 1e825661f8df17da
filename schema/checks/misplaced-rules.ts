import { type DocumentNode, Kind } from 'graphql'
import { ruleFromDirectives, readDirectives, isOpen } from '../../kit/access-rule.ts'

/** Where access rules are read from: objects and their fields. On anything else nobody would enforce them. */
export function findMisplacedRules(document: DocumentNode): string[] {
  return document.definitions.flatMap((definition) => {
    switch (definition.kind) {
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION: {
        const own = hasRule(definition) ? [definition.name.value] : []
        const fields = (definition.fields ?? []).filter(hasRule)
        return [...own, ...fields.map(({ name }) => `${definition.name.value}.${name.value}`)]
      }
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_EXTENSION:
      case Kind.SCALAR_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_EXTENSION:
        return hasRule(definition) ? [definition.name.value] : []
      default:
        return []
    }
  })
}

function hasRule({ directives }: { readonly directives?: Parameters<typeof readDirectives>[0] }): boolean {
  return !isOpen(ruleFromDirectives(readDirectives(directives)))
}
