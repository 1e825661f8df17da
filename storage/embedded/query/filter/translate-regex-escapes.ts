import { unsupported } from '../../errors.ts'

/** Where a translation stands: the PCRE pattern, the place reached in it. */
export type RegexCursor = { readonly pattern: string; at: number }

const horizontalSpace = String.raw`\t \xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000`
const verticalSpace = String.raw`\n-\r\x85\u2028\u2029`
const afterVertical = String.raw`\x0e-\x84\x86-\u2027\u202a-\u{10ffff}`

/** Escapes that stand for characters, in the form they take inside `[…]`. PCRE's `\s` is ASCII only. */
export const classEscapes: Readonly<Record<string, string | undefined>> = {
  d: String.raw`\d`,
  D: String.raw`\D`,
  w: String.raw`\w`,
  W: String.raw`\W`,
  s: String.raw`\t-\r `,
  S: String.raw`\0-\x08\x0e-\x1f!-\u{10ffff}`,
  h: horizontalSpace,
  H: String.raw`\0-\x08\n-\x1f!-\x9f\xa1-\u167f\u1681-\u180d\u180f-\u1fff\u200b-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\u{10ffff}`,
  v: verticalSpace,
  V: String.raw`\0-\x09` + afterVertical,
  n: String.raw`\n`,
  r: String.raw`\r`,
  t: String.raw`\t`,
  f: String.raw`\f`,
  a: String.raw`\x07`,
  e: String.raw`\x1b`,
}

/** A character that stands for itself. */
export function literalOf(character: string): string {
  return /[\^$\\.*+?()[\]{}|/-]/.test(character) ? codePointEscape(character.charCodeAt(0)) : character
}

/** `\x41`, `\x{1F600}`, `\0`, `\012`; moves on when there is one. */
export function numericEscape(cursor: RegexCursor): string | undefined {
  const found = /^\\(?:x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{0,2})|(0[0-7]{0,2}))/.exec(cursor.pattern.slice(cursor.at))
  if (found === null) return undefined
  cursor.at += found[0].length
  const [, braced, hex, octal] = found
  return codePointEscape(octal === undefined ? Number.parseInt(braced ?? (hex || '0'), 16) : Number.parseInt(octal, 8))
}

/** `\p{Lu}`, `\pL` and their negations, for general categories; moves on when there is one. */
export function unicodeProperty(cursor: RegexCursor): string | undefined {
  const found = /^\\([pP])(?:\{(\^?[A-Za-z_&]*)\}|([A-Z]))/.exec(cursor.pattern.slice(cursor.at))
  if (found === null) return undefined
  const [whole, letter, braced, single] = found
  const name = braced ?? single ?? ''
  if (!/^[CLMNPSZ][a-z]?$/.test(name)) {
    throw unsupported('BadValue', String.raw`the character property \p{${name}} in a regular expression`)
  }
  cursor.at += whole.length
  return `\\${letter as string}{${name}}`
}

function codePointEscape(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`
}
