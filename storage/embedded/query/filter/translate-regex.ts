import { unsupported } from '../../errors.ts'

/** Turns a PCRE pattern into a JavaScript expression. */
export function translateRegex(pattern: string, options: string): RegExp {
  try {
    return new RegExp(
      pattern,
      Array.from(options)
        .filter((option) => 'ims'.includes(option))
        .join('') + 'u',
    )
  } catch {
    throw unsupported('BadValue', `the regular expression /${pattern}/`)
  }
}
