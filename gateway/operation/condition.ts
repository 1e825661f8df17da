import { type DirectiveNode, Kind } from 'graphql'
import type { Variables } from '../request.ts'

export type Condition = (variables: Variables) => boolean

/** Whether a selection with `@skip` or `@include` is taken, by the variables; null when it always is. */
export function conditionOf(directives: readonly DirectiveNode[] | undefined): Condition | null {
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

/** A field is answered when any of its occurrences has all of its conditions met. */
export function anyOccurrence(occurrences: readonly (readonly Condition[])[]): Condition {
  if (occurrences.some((conditions) => conditions.length === 0)) return () => true
  return (variables) => occurrences.some((conditions) => conditions.every((condition) => condition(variables)))
}
