import { CodedError } from '../../kit/errors.ts'

/** Texts that are looked up are short; a longer one is a mistake or an attack. Null where nothing was given. */
export function boundedText(argument: string, text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null
  if (text.length > 200) {
    throw new CodedError('BAD_USER_INPUT', `\`${argument}\` can have at most 200 characters.`, { argument })
  }
  return text
}
