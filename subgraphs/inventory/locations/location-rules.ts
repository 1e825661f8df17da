import type { UserError } from '../../../storage/mutate.ts'

/** The texts of a warehouse, as far as they are given. */
interface LocationTexts {
  readonly code?: string | null | undefined
  readonly name?: string | null | undefined
  readonly country?: string | null | undefined
  readonly city?: string | null | undefined
  readonly timeZone?: string | null | undefined
}

const lengths = { name: 120, city: 80 } as const

/** What is wrong with the texts of a warehouse; what is left out is not judged. */
export function checkLocation(input: LocationTexts): UserError[] {
  const errors: UserError[] = []
  const refuse = (field: keyof LocationTexts, message: string): void => {
    errors.push({ code: 'INVALID_LOCATION', field: ['input', field], message })
  }
  if (typeof input.code === 'string' && !/^[A-Z0-9][A-Z0-9-]{1,15}$/.test(input.code)) {
    refuse('code', 'A code has 2 to 16 capital letters, digits and hyphens, for example AMS1.')
  }
  if (typeof input.country === 'string' && !/^[A-Z]{2}$/.test(input.country)) {
    refuse('country', 'A country is given as its ISO 3166-1 alpha-2 code, for example NL.')
  }
  for (const field of ['name', 'city'] as const) {
    const text = input[field]
    if (typeof text === 'string' && (text.trim() === '' || text.length > lengths[field])) {
      refuse(field, `${field} must have 1 to ${lengths[field]} characters.`)
    }
  }
  if (typeof input.timeZone === 'string' && !isTimeZone(input.timeZone)) {
    refuse('timeZone', 'A time zone is given by its IANA name, for example Europe/Amsterdam.')
  }
  return errors
}

function isTimeZone(name: string): boolean {
  try {
    // A bare offset is understood as well but names no place.
    return /^[A-Z]/i.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).format() !== ''
  } catch {
    return false
  }
}
