import { MutationRefused, type UserError } from '../../storage/mutate.ts'

/** Gathers what is wrong with an input, so that a client is told everything at once. */
export interface InputErrors {
  /** Notes an error about a field of the input. */
  add(field: readonly string[], message: string): void
  /** Refuses the mutation when anything was noted. */
  check(): void
}

/** Begins with no errors. */
export function createInputErrors(): InputErrors {
  const errors: UserError[] = []
  return {
    add(field, message) {
      errors.push({ code: 'INVALID_INPUT', field: ['input', ...field], message })
    },
    check() {
      if (errors.length > 0) throw new MutationRefused(errors)
    },
  }
}

/** A text without spaces around it, null when nothing is left of it; too long a one is noted. */
export function checkText(
  given: string | null | undefined,
  limit: { readonly field: string; readonly longest: number },
  errors: InputErrors,
): string | null {
  const text = given?.trim() || null
  if (text !== null && text.length > limit.longest) {
    errors.add([limit.field], `\`${limit.field}\` has at most ${limit.longest} characters.`)
  }
  return text
}
