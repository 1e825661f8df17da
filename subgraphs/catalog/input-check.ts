import { MutationRefused, type UserError, refuse } from '../../storage/mutate.ts'

/** Collects what is wrong with an input, so that a client learns of all of it at once. */
export interface InputCheck {
  fail(field: string, message: string, code?: string): void
  /** A text without spaces around it, of `min` to `max` characters. */
  text(field: string, value: string, range: readonly [min: number, max: number]): string
  whole(field: string, value: number, range: readonly [min: number, max: number]): number
  /** Refuses the mutation when anything failed. */
  done(): void
}

/** Begins to check an input; fields are named as paths below `input`, with dots. */
export function checkInput(): InputCheck {
  const errors: UserError[] = []
  const fail: InputCheck['fail'] = (field, message, code = 'INVALID_INPUT') => {
    if (errors.length < 10) errors.push({ code, field: ['input', ...field.split('.')], message })
  }
  return {
    fail,
    text(field, value, [min, max]) {
      const text = value.trim()
      if (text.length < min || text.length > max) fail(field, `Give ${min} to ${max} characters, not ${text.length}.`)
      return text
    },
    whole(field, value, [min, max]) {
      if (!Number.isInteger(value) || value < min || value > max) {
        fail(field, `Give a whole number from ${min} to ${max}, not ${value}.`)
      }
      return value
    },
    done() {
      if (errors.length > 0) throw new MutationRefused(errors)
    },
  }
}

/** A field that is to be changed only where the input gives it; null is taken like leaving it out. */
export function given<Value, Checked>(
  value: Value | null | undefined,
  check: (value: Value) => Checked,
): Checked | undefined {
  return value === null || value === undefined ? undefined : check(value)
}

/** The fields of a change that were given, which is what `$set` needs. */
export function givenOnly<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> }
}

/** Refuses to change a document that has moved on since the caller saw it. */
export function expectVersion(
  entity: string,
  { version }: { readonly version: number },
  expected: number | null | undefined,
): void {
  if (typeof expected !== 'number' || expected === version) return
  const message = `The ${entity} has version ${version} by now, not ${expected}; read it again.`
  throw refuse('STALE_VERSION', ['input', 'expectedVersion'], message)
}

/** The refusal of an id that does not exist, or that the caller may not know of. */
export function notFound(entity: string, field = 'id'): MutationRefused {
  return refuse('NOT_FOUND', ['input', field], `There is no such ${entity}.`)
}
