import { CommandError, unsupported } from '../errors.ts'
import type { Doc } from '../query/bson.ts'
import { fieldOf } from '../query/field-path.ts'
import { integerArgument } from '../query/integer-argument.ts'
import { isDoc, isNumber } from '../query/value-type.ts'

/** What an index of the kind text says besides its key; the embedded database keeps it and does not search by it. */
export type TextOptions = {
  readonly weights: Doc
  readonly default_language: string
  readonly language_override: string
}

/** By the names that MongoDB knows, and their short forms. */
const languages = new Set(
  (
    'none da danish nl dutch en english fi finnish fr french de german hu hungarian it italian nb norwegian ' +
    'pt portuguese ro romanian ru russian es spanish sv swedish tr turkish'
  ).split(' '),
)

/** Where the words of a text index stand in its key. */
const wordFields = { _fts: 'text', _ftsx: 1 } as const

/** Reads an index whose key names fields as `text`, as MongoDB keeps it: the words in one place, the fields as weights. */
export function readTextIndex(spec: Doc, { unique }: { unique: boolean }): { key: Doc; textOptions: TextOptions } {
  const fields = Object.entries(spec['key'] as Doc)
  if (unique) throw unsupported('CannotCreateIndex', 'a unique text index')
  const first = fields.findIndex(isText)
  const count = fields.filter(isText).length
  if (first === -1) throw unsupported('CannotCreateIndex', 'a text index in the form of listIndexes')
  if (!fields.slice(first, first + count).every(isText)) {
    throw new CommandError('CannotCreateIndex', "'text' fields in index must all be adjacent")
  }
  const other = fields.find((field) => !isText(field) && !isNumber(field[1]))
  if (other !== undefined) {
    throw new CommandError('CannotCreateIndex', "Can't use more than one index plugin for a single index.")
  }
  const weights: Doc = Object.fromEntries(fields.filter(isText).map(([path]) => [path, 1]))
  for (const [path, weight] of weightsOf(spec)) weights[path] = weight
  const language = textOf(spec, 'default_language', 'english')
  if (!languages.has(language.toLowerCase())) {
    throw new CommandError('CannotCreateIndex', 'default_language is not valid')
  }
  const override = textOf(spec, 'language_override', 'language')
  if (override === '' || override.startsWith('$')) {
    throw new CommandError('CannotCreateIndex', 'language_override is not valid')
  }
  const sorted = Object.entries(weights).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    key: Object.fromEntries([...fields.slice(0, first), ...Object.entries(wordFields), ...fields.slice(first + count)]),
    textOptions: { weights: Object.fromEntries(sorted), default_language: language, language_override: override },
  }
}

function isText([path, kind]: [string, unknown]): boolean {
  return kind === 'text' && path !== '_fts'
}

function weightsOf({ weights }: Doc): [string, number][] {
  if (weights === undefined) return []
  if (!isDoc(weights)) throw new CommandError('CannotCreateIndex', 'text index option "weights" must be an object')
  return Object.entries(weights).map(([path, weight]) => {
    const number = integerArgument(weight)
    if (number === undefined || number <= 0 || number >= 99_999) {
      throw new CommandError('CannotCreateIndex', 'text index weight must be in the exclusive interval (0,99999)')
    }
    return [path, number]
  })
}

function textOf(spec: Doc, name: string, fallback: string): string {
  const value = spec[name] ?? fallback
  if (typeof value === 'string') return value
  throw new CommandError('CannotCreateIndex', `text index option "${name}" must be a string`)
}

/** Throws for a document that names a language which there is not; looks wherever indexed text may stand. */
export function checkLanguages({ weights, language_override: override }: TextOptions, doc: Doc): void {
  const paths = Object.keys(weights)
  visit(doc, paths.includes('$**') ? 'everywhere' : paths.map((path) => path.split('.')), override)
}

function visit(doc: Doc, paths: 'everywhere' | readonly string[][], override: string): void {
  const language = fieldOf(doc, override)
  if (language !== undefined) {
    if (typeof language !== 'string') {
      throw new CommandError('Location17261', 'found language override field in document with non-string type')
    }
    if (!languages.has(language.toLowerCase())) {
      throw new CommandError('Location17262', `language override unsupported: ${language}`)
    }
  }
  for (const [field, value] of Object.entries(doc)) {
    const below = paths === 'everywhere' ? paths : restsOf(paths, field)
    if (below.length === 0) continue
    for (const inner of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isDoc(inner)) visit(inner, below, override)
    }
  }
}

function restsOf(paths: readonly string[][], field: string): string[][] {
  return paths.filter(([first, ...rest]) => first === field && rest.length > 0).map(([, ...rest]) => rest)
}
