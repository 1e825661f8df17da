import { CodedError } from '../kit/errors.ts'

const longestWord = 40
const mostWords = 40
const mostSearched = 5

/**
 * The words by which a document is found, for a multikey index: lower case, without accents, each once. Store them in
 * a field of their own and search that with `matchingWords`.
 */
export function searchWords(...texts: readonly (string | null | undefined)[]): string[] {
  return [...new Set(texts.flatMap((text) => wordsOf(text ?? '')))].slice(0, mostWords)
}

/**
 * The condition that every word of a search begins a word of the document. An index that leads with `field`, or with
 * the owner and then `field`, serves it by the first word. Throws BAD_USER_INPUT when there is no word in it.
 */
export function matchingWords(field: string, search: string, argument = 'search'): Readonly<Record<string, unknown>> {
  const words = wordsOf(search)
  if (words.length === 0 || words.length > mostSearched || search.length > 200) {
    const message = `\`${argument}\` takes 1 to ${mostSearched} words of letters and digits; leave it out for all.`
    throw new CodedError('BAD_USER_INPUT', message, { argument })
  }
  // A range and no regular expression: `$elemMatch`, because both bounds must hold of the same word.
  const conditions = words.map((word) => ({ $elemMatch: { $gte: word, $lt: `${word}\u{10ffff}` } }))
  return { [field]: conditions.length === 1 ? conditions[0] : { $all: conditions } }
}

function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.slice(0, longestWord))
}
