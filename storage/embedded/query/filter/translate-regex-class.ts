import { CommandError, unsupported } from '../../errors.ts'
import { classEscapes, literalOf, type RegexCursor, numericEscape, unicodeProperty } from './translate-regex-escapes.ts'

const posixClasses: Readonly<Record<string, string | undefined>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  ascii: String.raw`\0-\x7f`,
  blank: String.raw`\t `,
  cntrl: String.raw`\0-\x1f\x7f`,
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: String.raw`!-\/:-@\[-\x60\{-~`,
  space: String.raw`\t-\r `,
  upper: 'A-Z',
  word: String.raw`\w`,
  xdigit: '0-9A-Fa-f',
}

/** Translates a character class whose `[` has been read, up to and with its `]`. */
export function translateClass(cursor: RegexCursor): string {
  const { pattern } = cursor
  let source = '['
  if (pattern[cursor.at] === '^') {
    source += '^'
    cursor.at += 1
  }
  let first = true
  while (first || pattern[cursor.at] !== ']') {
    if (cursor.at >= pattern.length) {
      throw new CommandError(
        'Location51091',
        'Regular expression is invalid: missing terminating ] for character class',
      )
    }
    source += translateMember(cursor)
    first = false
  }
  cursor.at += 1
  return `${source}]`
}

function translateMember(cursor: RegexCursor): string {
  const { pattern, at } = cursor
  const posix = /^\[([:.=])(\^?\w*)\1\]/.exec(pattern.slice(at))
  if (posix !== null) {
    const members = posix[1] === ':' ? posixClasses[posix[2] as string] : undefined
    if (members === undefined) throw unsupported('BadValue', `${posix[0]} in a regular expression`)
    cursor.at += posix[0].length
    return members + literalHyphen(cursor)
  }
  if (pattern[at] === '\\') return translateClassEscape(cursor)
  const character = String.fromCodePoint(pattern.codePointAt(at) as number)
  cursor.at += character.length
  return character === '-' ? '-' : literalOf(character)
}

function translateClassEscape(cursor: RegexCursor): string {
  const known = numericEscape(cursor)
  if (known !== undefined) return known
  const property = unicodeProperty(cursor)
  if (property !== undefined) return property + literalHyphen(cursor)
  const letter = cursor.pattern[cursor.at + 1] ?? ''
  cursor.at += 2
  if (letter === 'b') return String.raw`\x08`
  const members = classEscapes[letter]
  if (members !== undefined)
    return members.length === 2 && 'nrtf'.includes(letter) ? members : members + literalHyphen(cursor)
  if (/[A-Za-z0-9]/.test(letter)) throw unsupported('BadValue', `the escape \\${letter} in a character class`)
  return letter === '' ? '\\' : literalOf(letter)
}

/** After a set such as `\w` a hyphen cannot start a range, so PCRE takes it for itself. */
function literalHyphen(cursor: RegexCursor): string {
  if (cursor.pattern[cursor.at] !== '-' || cursor.pattern[cursor.at + 1] === ']') return ''
  cursor.at += 1
  return String.raw`\-`
}
