import type { GraphQLSchema } from 'graphql'
import { isOpen, readDirectives, ruleFromDirectives } from '../../kit/access-rule.ts'
import { objectTypes } from './unguarded.ts'

/**
 * Coordinates of fields without an access rule of their own or of their type. That of what they return is not enough:
 * it would let everybody into a root field who is known at all.
 */
export function findOpenFields(schema: GraphQLSchema): string[] {
  return objectTypes(schema).flatMap((type) => {
    const ofType = [type.astNode, ...type.extensionASTNodes].flatMap((node) => readDirectives(node?.directives))
    return (
      Object.values(type.getFields())
        // Federation's own: the gateway alone reaches them, and what they return has rules of its own.
        .filter(({ name }) => !name.startsWith('_'))
        .filter(({ astNode }) => isOpen(ruleFromDirectives([...ofType, ...readDirectives(astNode?.directives)])))
        .map((field) => `${type.name}.${field.name}`)
    )
  })
}
