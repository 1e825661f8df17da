import { CommandError, unsupported } from '../errors.ts'
import type { Doc } from '../query/bson.ts'
import { check2d, check2dsphere } from '../query/geo/check-geo-index.ts'
import { valuesAlong } from '../query/geo/places.ts'
import { doubleArgument } from '../query/integer-argument.ts'
import { isDoc } from '../query/value-type.ts'
import type { Index } from './collection.ts'
import { checkLanguages, readTextIndex } from './text-index.ts'

/** The kinds of index beside the ordered one. */
const kinds = ['2d', '2dsphere', 'hashed', 'text'] as const

export type SpecialKind = (typeof kinds)[number]

/**
 * The kind of an index that is not an ordered one. Such an index holds no keys here: it says what may be stored and
 * allows `$near`, and the collection is read instead of it. By a text index nothing can be searched.
 */
export function specialKind(key: Doc): SpecialKind | undefined {
  return kinds.find((kind) => Object.values(key).includes(kind))
}

const optionsOfKind: Readonly<Record<SpecialKind, readonly string[]>> = {
  '2d': ['bits', 'min', 'max'],
  '2dsphere': ['2dsphereIndexVersion'],
  hashed: [],
  text: ['weights', 'default_language', 'language_override', 'textIndexVersion'],
}

/** Whether an option belongs to an index of such a key. */
export function isSpecialOption(key: unknown, option: string): boolean {
  const kind = isDoc(key) ? specialKind(key) : undefined
  return kind !== undefined && optionsOfKind[kind].includes(option)
}

/** Reads what an index of a special kind may say besides; undefined for an ordered one. Throws for what it may not. */
export function readSpecialOptions(
  spec: Doc,
  { key, unique }: { key: Doc; unique: boolean },
): Pick<Index, 'geoOptions'> & Partial<Pick<Index, 'key' | 'textOptions'>> {
  const names = Object.values(key).filter((direction) => typeof direction === 'string')
  const kind = specialKind(key)
  const unknown = names.find((name) => !kinds.some((one) => one === name))
  if (unknown !== undefined) throw unsupported('CannotCreateIndex', `an index of type '${unknown}'`)
  if (kind === undefined) return {}
  for (const version of ['2dsphereIndexVersion', 'textIndexVersion']) {
    if (spec[version] !== undefined && doubleArgument(spec[version]) !== 3) {
      throw unsupported('CannotCreateIndex', `a ${version} other than 3`)
    }
  }
  if (kind === 'text') return readTextIndex(spec, { unique })
  if (new Set(names).size > 1) {
    throw new CommandError('CannotCreateIndex', `Can't use more than one index plugin for a single index.`)
  }
  if (kind === 'hashed') {
    if (names.length > 1) {
      throw new CommandError('Location31303', 'A maximum of one index field is allowed to be hashed')
    }
    if (unique) {
      throw new CommandError(
        'Location16764',
        'Currently hashed indexes cannot guarantee uniqueness. Use a regular index.',
      )
    }
  } else if (unique) {
    throw unsupported('CannotCreateIndex', `a unique index of type '${kind}'`)
  }
  if (kind !== '2d') return {}
  if (names.length > 1) throw new CommandError('Location16800', "can't have 2 geo fields")
  if (Object.values(key)[0] !== '2d') throw new CommandError('Location16801', '2d has to be first in index')
  const geoOptions: { min?: number; max?: number; bits?: number } = {}
  for (const option of ['min', 'max', 'bits'] as const) {
    if (spec[option] === undefined) continue
    const number = doubleArgument(spec[option])
    if (number === undefined || !Number.isFinite(number)) {
      throw new CommandError('InvalidOptions', `${option} of a 2d index must be a finite number`)
    }
    geoOptions[option] = number
  }
  const { min, max } = boundsOf2d(geoOptions)
  if (!(min < max)) throw new CommandError('InvalidOptions', 'region for hash must be valid and have positive area')
  // How fine the index is changes no answer.
  const { bits = 26 } = geoOptions
  if (!(bits >= 1 && bits <= 32)) throw new CommandError('InvalidOptions', 'bits for hash must be > 0 and <= 32')
  return { geoOptions }
}

/** Between what the coordinates in an index of the kind 2d lie. */
export function boundsOf2d(options: Index['geoOptions']): { min: number; max: number } {
  return { min: options?.min ?? -180, max: options?.max ?? 180 }
}

/** Throws when a document may not be stored under an index of a special kind. */
export function checkSpecialIndex({ key, geoOptions, textOptions }: Index, doc: Doc): void {
  if (textOptions !== undefined) checkLanguages(textOptions, doc)
  for (const [path, kind] of Object.entries(key)) {
    if (kind === '2d') check2d(doc, path, boundsOf2d(geoOptions))
    if (kind === '2dsphere') check2dsphere(doc, path)
    if (kind === 'hashed' && crossesArray(doc, path)) {
      throw new CommandError('Location16766', `hashed indexes do not currently support array values: ${path}`)
    }
  }
}

function crossesArray(doc: Doc, path: string): boolean {
  const parts = path.split('.')
  return parts.some((_part, place) =>
    valuesAlong(doc, parts.slice(0, place + 1).join('.')).some((value) => Array.isArray(value)),
  )
}
