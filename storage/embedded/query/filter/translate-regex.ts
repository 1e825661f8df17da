import { CommandError, unsupported } from '../../errors.ts'
import { translateClass } from './translate-regex-class.ts'
import { classEscapes, literalOf, type RegexCursor, numericEscape, unicodeProperty } from './translate-regex-escapes.ts'

type Flags = { ignoreCase: boolean; multiline: boolean; dotAll: boolean; extended: boolean }

/**
 * Turns a PCRE pattern, as MongoDB takes it, into a JavaScript expression that matches the same strings. What
 * JavaScript has no like of is refused: possessive quantifiers, atomic groups, recursion, backreferences (an unset
 * group matches nothing in PCRE and everything in JavaScript), verbs, flags in the middle.
 */
export function translateRegex(pattern: string, options: string): RegExp {
  const inline = /^\(\?([imsx]+)\)/.exec(pattern)
  const set = options + (inline?.[1] ?? '')
  const flags: Flags = {
    ignoreCase: set.includes('i'),
    multiline: set.includes('m'),
    dotAll: set.includes('s'),
    extended: set.includes('x'),
  }
  const source = translate({ pattern, at: inline?.[0].length ?? 0 }, flags)
  try {
    return new RegExp(source, flags.ignoreCase ? 'iu' : 'u')
  } catch (error) {
    throw new CommandError('Location51091', `Regular expression is invalid: /${pattern}/: ${(error as Error).message}`)
  }
}

function translate(cursor: RegexCursor, flags: Flags): string {
  let source = ''
  let quantified = false
  while (cursor.at < cursor.pattern.length) {
    const rest = cursor.pattern.slice(cursor.at)
    const skipped = flags.extended ? (/^(?:[\t-\r ]+|#[^\n]*\n?)/.exec(rest)?.[0].length ?? 0) : 0
    if (skipped > 0) {
      cursor.at += skipped
      continue
    }
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(rest)?.[0]
    if (quantifier === undefined) {
      source += translateOne(cursor, flags)
    } else {
      if (quantified && quantifier !== '?') throw refused('a possessive quantifier', cursor)
      source += quantifier
      cursor.at += quantifier.length
    }
    quantified = quantifier !== undefined && !quantified
  }
  return source
}

function translateOne(cursor: RegexCursor, flags: Flags): string {
  const character = String.fromCodePoint(cursor.pattern.codePointAt(cursor.at) as number)
  if (character === '\\') return translateEscape(cursor)
  if (character === '(') return translateGroup(cursor)
  cursor.at += character.length
  switch (character) {
    case '[':
      return translateClass(cursor)
    case ')':
    case '|':
      return character
    // JavaScript's own `.`, `^` and `$` know four line ends, PCRE's only the newline.
    case '.':
      return flags.dotAll ? String.raw`[\s\S]` : String.raw`[^\n]`
    case '^':
      return flags.multiline ? String.raw`(?:^|(?<=\n)(?=[\s\S]))` : '^'
    case '$':
      return flags.multiline ? String.raw`(?=\n|$)` : String.raw`(?=\n?$)`
    default:
      return literalOf(character)
  }
}

const groupOpenings = /^\((?:\?(?::|=|!|<=|<!|P?<[A-Za-z_]\w*>|#[^)]*\)))?/

function translateGroup(cursor: RegexCursor): string {
  const opening = groupOpenings.exec(cursor.pattern.slice(cursor.at))?.[0] as string
  const next = cursor.pattern[cursor.at + opening.length]
  if (opening === '(' && (next === '?' || next === '*')) throw refused(`the group (${next}…)`, cursor)
  cursor.at += opening.length
  return opening.startsWith('(?#') ? '' : opening.replace('(?P<', '(?<')
}

const anchors: Readonly<Record<string, string | undefined>> = {
  A: '^',
  z: '$',
  Z: String.raw`(?=\n?$)`,
  b: String.raw`\b`,
  B: String.raw`\B`,
  N: String.raw`[^\n]`,
  R: String.raw`(?:\r\n|[\n-\r\x85\u2028\u2029])`,
}

function translateEscape(cursor: RegexCursor): string {
  const letter = cursor.pattern[cursor.at + 1]
  if (letter === undefined)
    throw new CommandError('Location51091', 'Regular expression is invalid: \\ at end of pattern')
  if (letter === 'Q') return translateQuoted(cursor)
  const known = numericEscape(cursor) ?? unicodeProperty(cursor)
  if (known !== undefined) return known
  cursor.at += 2
  const anchor = anchors[letter]
  if (anchor !== undefined) return anchor
  const inClass = classEscapes[letter]
  if (inClass !== undefined) return `[${inClass}]`
  if (/[A-Za-z0-9]/.test(letter)) throw refused(`the escape \\${letter}`, cursor)
  if (/[\ud800-\udbff]/.test(letter)) {
    cursor.at -= 1
    return ''
  }
  return literalOf(letter)
}

function translateQuoted(cursor: RegexCursor): string {
  const start = cursor.at + 2
  const end = cursor.pattern.indexOf(String.raw`\E`, start)
  cursor.at = end < 0 ? cursor.pattern.length : end + 2
  return Array.from(cursor.pattern.slice(start, end < 0 ? undefined : end), literalOf).join('')
}

function refused(what: string, cursor: RegexCursor): CommandError {
  return unsupported('BadValue', `${what} in the regular expression /${cursor.pattern}/`)
}
