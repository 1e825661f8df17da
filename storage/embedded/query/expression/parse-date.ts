import { CommandError } from '../../errors.ts'

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/

/** Reads an ISO 8601 date, UTC where it names no offset. Other forms that MongoDB reads are refused. */
export function parseDate(text: string): Date {
  const found = iso.exec(text)
  if (found !== null) {
    const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = found
    const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(-2)}` : 'Z'
    const milliseconds = fraction.slice(0, 3).padEnd(3, '0')
    const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}${offset}`)
    // JavaScript rolls the 31st of April over, MongoDB does not take it.
    const local = new Date(`${year}-${month}-${day}T00:00:00Z`)
    if (!Number.isNaN(date.getTime()) && local.getUTCDate() === Number(day)) return date
  }
  throw new CommandError('ConversionFailure', `Error parsing date string '${text}': only ISO 8601 dates are read`)
}
