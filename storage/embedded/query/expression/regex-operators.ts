import { BSONRegExp, Int32 } from 'bson'
import { CommandError } from '../../errors.ts'
import { execBounded } from '../filter/bounded-regex.ts'
import { translateRegex } from '../filter/translate-regex.ts'
import { typeOf } from '../value-type.ts'
import { type ExpressionOperator, type ExpressionOperators, isNullish, named } from './evaluate.ts'
import { requireString } from './string-operators.ts'

type Arguments = Readonly<Record<'input' | 'regex' | 'options', unknown>>

/** An operator on the text and the expression, compiled anew only when the expression changes. */
function withRegex(apply: (text: string, expression: RegExp) => unknown, none: unknown): ExpressionOperator {
  return (operand, compile, name) => {
    let known: { pattern: string; options: string; expression: RegExp } | undefined
    const operator = named({ required: ['input', 'regex'], optional: ['options'] }, (given: Arguments) => {
      const text = isNullish(given.input) ? undefined : requireString(given.input, 'Location51104', name)
      const found = patternOf(given, name)
      if (text === undefined || found === undefined) return none
      if (known === undefined || known.pattern !== found.pattern || known.options !== found.options) {
        const { source, flags } = translateRegex(found.pattern, found.options)
        known = { ...found, expression: new RegExp(source, `${flags}g`) }
      }
      known.expression.lastIndex = 0
      return apply(text, known.expression)
    })
    return operator(operand, compile, name)
  }
}

function patternOf({ regex, options }: Arguments, name: string): { pattern: string; options: string } | undefined {
  const given = isNullish(options) ? undefined : requireString(options, 'Location51106', name)
  if (isNullish(regex)) return undefined
  if (regex instanceof BSONRegExp) {
    if (given !== undefined && regex.options !== '') {
      throw new CommandError(
        'Location51107',
        `${name}: found regex option(s) specified in both 'regex' and 'option' fields`,
      )
    }
    return { pattern: regex.pattern, options: given ?? regex.options }
  }
  if (typeof regex === 'string') return { pattern: regex, options: given ?? '' }
  throw new CommandError('Location51105', `${name} needs 'regex' to be of type string or regex, not ${typeOf(regex)}`)
}

function described(match: RegExpExecArray): unknown {
  return {
    match: match[0],
    idx: new Int32(Array.from(match.input.slice(0, match.index)).length),
    captures: match.slice(1).map((capture: string | undefined) => capture ?? null),
  }
}

/** As MongoDB, looks on from the end of each match, but not from the end of the text. */
function allMatches(text: string, expression: RegExp): RegExpExecArray[] {
  const matches: RegExpExecArray[] = []
  let at = 0
  do {
    expression.lastIndex = at
    const match = execBounded(expression, text)
    if (match === null) break
    matches.push(match)
    const end = match.index + match[0].length
    at = match[0] === '' ? end + String.fromCodePoint(text.codePointAt(end) ?? 0).length : end
  } while (at < text.length)
  return matches
}

export const regexOperators: ExpressionOperators = {
  $regexMatch: withRegex((text, expression) => execBounded(expression, text) !== null, false),
  $regexFind: withRegex((text, expression) => {
    const match = execBounded(expression, text)
    return match === null ? null : described(match)
  }, null),
  $regexFindAll: withRegex((text, expression) => allMatches(text, expression).map(described), []),
}
