import { CodedError } from '../../kit/errors.ts'
import type { Caller } from '../../kit/caller.ts'
import { MutationRefused, type UserError, refuse } from '../../storage/mutate.ts'
import type { Versioned } from './documents.ts'

export type InputErrors = ReturnType<typeof createInputErrors>

const longestReason = 2_000

/** Collects what is wrong with an input, so that a client can mend all of it at once. */
export function createInputErrors() {
  const errors: UserError[] = []
  const add = (path: readonly string[], message: string, code = 'INVALID_INPUT'): null => {
    errors.push({ code, field: ['input', ...path], message })
    return null
  }
  return {
    add,
    /** The trimmed text, which must have 1 to `max` characters. */
    text(path: readonly string[], value: string, max: number): string {
      const trimmed = value.trim()
      if (trimmed.length < 1 || trimmed.length > max) add(path, `This has 1 to ${max} characters.`)
      return trimmed
    },
    /** A moment that is yet to come, or null when none is given. */
    future(path: readonly string[], value: Date | null | undefined, now: Date): Date | null {
      if (value == null) return null
      if (value <= now) add(path, 'This moment has passed.')
      return value
    },
    /** A whole number within bounds. */
    whole(path: readonly string[], value: number, [min, max]: readonly [number, number]): number {
      if (!Number.isInteger(value) || value < min || value > max) add(path, `This is a whole number, ${min} to ${max}.`)
      return value
    },
    /** Ends the mutation when something was wrong. */
    check(): void {
      if (errors.length > 0) throw new MutationRefused(errors)
    },
    found: (): readonly UserError[] => errors,
  }
}

/** The document, or a refusal in the same words whether it is unknown or another partner's. */
export function known<Doc>(document: Doc | null, entity: string, field = 'id'): Doc {
  if (document === null) throw refuse('NOT_FOUND', ['input', field], `There is no such ${entity}.`)
  return document
}

/** Refuses a change of what the caller has not seen. */
export function checkVersion(document: Versioned, expected: number | null | undefined): void {
  if (expected == null || expected === document.version) return
  const message = `It has version ${document.version} by now, not ${expected}; read it again.`
  throw refuse('STALE_VERSION', ['input', 'expectedVersion'], message)
}

/** Refuses a transition that a state machine has refused. */
export function checkTransition(refusal: string | undefined, field: readonly string[]): void {
  if (refusal !== undefined) throw refuse('ILLEGAL_TRANSITION', ['input', ...field], refusal)
}

/** The trimmed reason, or null; refused when it is too long, or missing where the partner must be told why. */
export function checkReason(given: string | null | undefined, needed: boolean): string | null {
  const reason = given?.trim() || null
  if (reason === null && needed) throw refuse('INVALID_INPUT', ['input', 'reason'], 'Tell the partner why.')
  if (reason !== null && reason.length > longestReason) {
    throw refuse('INVALID_INPUT', ['input', 'reason'], `A reason has at most ${longestReason} characters.`)
  }
  return reason
}

/** Not left to the scope alone: a partner's app that was given it by mistake must not decide on partners. */
export function operatorOnly(caller: Caller): void {
  if (!caller.operator) throw new CodedError('FORBIDDEN', 'Only the platform operator may do this.')
}

/** An e-mail address in lower case; null when it is none. Whether it works only a message to it can tell. */
export function plainEmail(text: string): string | null {
  const email = text.trim().toLowerCase()
  return email.length <= 254 && /^[^\s@<>(),;:"\\[\]]{1,64}@([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$/.test(email)
    ? email
    : null
}
