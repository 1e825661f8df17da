import type { InputErrors } from '../input.ts'
import {
  type ExtraFieldRules,
  type ExtraFieldType,
  compareNumbers,
  isDay,
  longestText,
  plainNumber,
} from './value-rules.ts'

export type ExtraFieldRulesInput = { readonly [Rule in keyof ExtraFieldRules]?: ExtraFieldRules[Rule] | null }

/** The rules that values of a type can be given; the other types have none. */
const rulesOf: Partial<Readonly<Record<ExtraFieldType, readonly (keyof ExtraFieldRules)[]>>> = {
  TEXT: ['minLength', 'maxLength'],
  NUMBER: ['minimum', 'maximum'],
  DATE: ['earliest', 'latest'],
  SELECT: ['options'],
}

const mostOptions = 100

/** The rules of a definition in their one form; notes what is wrong with them. */
export function checkRules(
  type: ExtraFieldType,
  input: ExtraFieldRulesInput | null | undefined,
  errors: InputErrors,
): ExtraFieldRules {
  for (const [rule, value] of Object.entries(input ?? {})) {
    if (value == null || rulesOf[type]?.includes(rule as keyof ExtraFieldRules)) continue
    errors.add(['rules', rule], `A ${type} has no such rule.`)
  }
  const text = <Value>(rule: 'minimum' | 'maximum' | 'earliest' | 'latest', read: (value: string) => Value | null) => {
    const value = input?.[rule]
    if (value == null) return null
    return read(value) ?? errors.add(['rules', rule], 'This is no value of the type.')
  }
  const length = (rule: 'minLength' | 'maxLength'): number | null => {
    const value = input?.[rule]
    return value == null ? null : errors.whole(['rules', rule], value, [1, longestText])
  }
  const rules: ExtraFieldRules = {
    minLength: length('minLength'),
    maxLength: length('maxLength'),
    minimum: text('minimum', plainNumber),
    maximum: text('maximum', plainNumber),
    earliest: text('earliest', (value) => (isDay(value) ? value : null)),
    latest: text('latest', (value) => (isDay(value) ? value : null)),
    options: type === 'SELECT' ? checkOptions(input?.options ?? [], errors) : [],
  }
  checkOrder(rules, errors)
  return rules
}

function checkOrder(
  { minLength, maxLength, minimum, maximum, earliest, latest }: ExtraFieldRules,
  errors: InputErrors,
) {
  const message = 'The upper bound lies below the lower one.'
  if (minLength !== null && maxLength !== null && minLength > maxLength) errors.add(['rules', 'maxLength'], message)
  if (minimum !== null && maximum !== null && compareNumbers(minimum, maximum) > 0) {
    errors.add(['rules', 'maximum'], message)
  }
  if (earliest !== null && latest !== null && earliest > latest) errors.add(['rules', 'latest'], message)
}

function checkOptions(given: readonly string[], errors: InputErrors): string[] {
  const options = [...new Set(given.map((option) => option.trim()))]
  if (options.length < 1 || options.length > mostOptions || options.some(({ length }) => length < 1 || length > 100)) {
    errors.add(['rules', 'options'], `There are 1 to ${mostOptions} options of 1 to 100 characters.`)
  }
  return options
}
