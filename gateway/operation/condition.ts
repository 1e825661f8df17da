import { type DirectiveNode, Kind } from 'graphql'
import type { Variables } from '../request.ts'

/** Whether a selection with `@skip` or `@include` is taken, by the variables; null when it always is. */
export function conditionOf(
  directives: readonly DirectiveNode[] | undefined,
): ((variables: Variables) => boolean) | null {
  const conditions = (directives ?? []).flatMap((directive) => {
    const name = directive.name.value
    if (name !== 'skip' && name !== 'include') return []
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value
    const wanted = name === 'include'
    if (value?.kind === Kind.VARIABLE) {
      const variable = value.name.value
      return [(variables: Variables) => (variables[variable] === true) === wanted]
    }
    const constant = value?.kind === Kind.BOOLEAN && value.value
    return [() => constant === wanted]
  })
  if (conditions.length === 0) return null
  return (variables) => conditions.every((condition) => condition(variables))
}
