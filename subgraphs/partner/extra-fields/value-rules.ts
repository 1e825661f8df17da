import { isWebAddress } from '../../../kit/web-address.ts'
import { plainEmail } from '../input.ts'

export const extraFieldTypes = ['TEXT', 'NUMBER', 'BOOLEAN', 'DATE', 'SELECT', 'URL', 'EMAIL'] as const
export type ExtraFieldType = (typeof extraFieldTypes)[number]

export interface ExtraFieldRules {
  readonly minLength: number | null
  readonly maxLength: number | null
  readonly minimum: string | null
  readonly maximum: string | null
  readonly earliest: string | null
  readonly latest: string | null
  readonly options: readonly string[]
}

export interface ExtraFieldInput {
  readonly key: string
  readonly value?: string | null
}

/** A value in its one form, or what is wrong with it. */
export type CheckedValue = { readonly value: string } | { readonly problem: string }

export const longestText = 2_000

/** Holds a text against the type and the rules of an extra field. */
export function checkValue(type: ExtraFieldType, rules: ExtraFieldRules, text: string): CheckedValue {
  const value = text.trim()
  switch (type) {
    case 'TEXT':
      return checkLength(rules, value)
    case 'NUMBER':
      return checkNumber(rules, value)
    case 'BOOLEAN':
      return value === 'true' || value === 'false' ? { value } : { problem: 'This is true or false.' }
    case 'DATE':
      return checkDay(rules, value)
    case 'SELECT':
      return rules.options.includes(value) ? { value } : { problem: `This is one of ${rules.options.join(', ')}.` }
    case 'URL':
      return isWebAddress(value) ? { value } : { problem: 'This is an http or https address.' }
    case 'EMAIL': {
      const email = plainEmail(value)
      return email === null ? { problem: 'This is no e-mail address.' } : { value: email }
    }
    default:
      return type satisfies never
  }
}

/** The plain form of a decimal number; null when the text is none. */
export function plainNumber(text: string): string | null {
  if (!/^-?\d{1,15}(\.\d{1,6})?$/.test(text)) return null
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const digits = whole.replace(/^0+(?=\d)/, '')
  const decimals = fraction.replace(/0+$/, '')
  const plain = decimals === '' ? digits : `${digits}.${decimals}`
  return text.startsWith('-') && plain !== '0' ? `-${plain}` : plain
}

/** True for a day of the calendar such as `2026-02-28`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const day = new Date(`${text}T00:00:00.000Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

function checkLength({ minLength, maxLength }: ExtraFieldRules, value: string): CheckedValue {
  const min = Math.max(1, minLength ?? 1)
  const max = maxLength ?? longestText
  return value.length < min || value.length > max ? { problem: `This has ${min} to ${max} characters.` } : { value }
}

function checkNumber({ minimum, maximum }: ExtraFieldRules, text: string): CheckedValue {
  const value = plainNumber(text)
  if (value === null) return { problem: 'This is a decimal number such as 12.5.' }
  if (minimum !== null && compareNumbers(value, minimum) < 0) return { problem: `This is ${minimum} or more.` }
  if (maximum !== null && compareNumbers(value, maximum) > 0) return { problem: `This is ${maximum} or less.` }
  return { value }
}

/** Compares decimal texts of at most six places exactly, which floating-point numbers of 21 digits cannot. */
export function compareNumbers(a: string, b: string): number {
  const difference = millionths(a) - millionths(b)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

function millionths(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const size = BigInt(whole + fraction.padEnd(6, '0'))
  return text.startsWith('-') ? -size : size
}

function checkDay({ earliest, latest }: ExtraFieldRules, value: string): CheckedValue {
  if (!isDay(value)) return { problem: 'This is a day such as 2026-11-21.' }
  if (earliest !== null && value < earliest) return { problem: `This is ${earliest} or later.` }
  if (latest !== null && value > latest) return { problem: `This is ${latest} or earlier.` }
  return { value }
}
