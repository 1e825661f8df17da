import { CommandError, unsupported } from '../errors.ts'
import { compileFilter } from '../query/compile-filter.ts'
import { writeDoc, type Doc } from '../query/bson.ts'
import { isDoc, isNumber } from '../query/value-type.ts'
import { checkCollation } from './check-collation.ts'
import type { Index } from './collection.ts'
import { isSpecialOption, readSpecialOptions, specialKind } from './special-index.ts'

/** An index as a client asks for it, checked; the catalog adds its table. */
export type IndexSpec = Omit<Index, 'table' | 'multikey' | 'hashed' | 'dropped'>

const options = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'background',
  'partialFilterExpression',
  'expireAfterSeconds',
  'hidden',
  'ns',
  'collation',
])

/** Reads one element of createIndexes' `indexes`. Refuses by name what an index here cannot be. */
export function readIndexSpec(spec: Doc): IndexSpec {
  for (const option of Object.keys(spec)) {
    if (option === 'collation') checkCollation(spec[option])
    if (!options.has(option) && !isSpecialOption(spec['key'], option))
      throw unsupported('InvalidOptions', `the index option ${option}`)
  }
  const key = spec['key']
  if (!isDoc(key) || Object.keys(key).length === 0)
    throw new CommandError('CannotCreateIndex', 'an index needs a key pattern')
  for (const [path, direction] of Object.entries(key)) checkKeyPart(path, direction)
  const special = readSpecialOptions(spec, { key, unique: truth(spec['unique']) })
  const name = spec['name']
  if (typeof name !== 'string' || name === '') throw new CommandError('FailedToParse', 'an index needs a name')
  const partialFilter = spec['partialFilterExpression']
  if (partialFilter !== undefined) {
    if (!isDoc(partialFilter)) throw new CommandError('TypeMismatch', 'partialFilterExpression must be an object')
    compileFilter(partialFilter)
    if (spec['sparse'] !== undefined && truth(spec['sparse'])) {
      throw new CommandError('CannotCreateIndex', 'cannot mix "partialFilterExpression" and "sparse" options')
    }
  }
  const expire = spec['expireAfterSeconds']
  if (expire !== undefined && (!isNumber(expire) || !(Number(expire) >= 0) || Number(expire) > 2147483647)) {
    throw new CommandError('CannotCreateIndex', 'expireAfterSeconds must be a number from 0 to 2147483647')
  }
  if (expire !== undefined && Object.keys(key).length > 1) {
    throw new CommandError(
      'CannotCreateIndex',
      'TTL indexes are single-field indexes, compound indexes do not support TTL',
    )
  }
  return {
    name,
    key,
    unique: truth(spec['unique']),
    sparse: truth(spec['sparse']),
    ...(partialFilter === undefined ? {} : { partialFilter }),
    ...(expire === undefined ? {} : { expireAfterSeconds: Number(expire) }),
    ...(truth(spec['hidden']) ? { hidden: true } : {}),
    ...special,
  }
}

function checkKeyPart(path: string, direction: unknown): void {
  if (path === '$**' && direction === 'text') return
  if (path === '' || path.startsWith('$') || path.split('.').includes('')) {
    throw new CommandError('CannotCreateIndex', `an index key cannot be named '${path}'`)
  }
  if (path.includes('$**')) throw unsupported('CannotCreateIndex', 'a wildcard index')
  if (typeof direction === 'string') return
  if (!isNumber(direction) || Number(direction) === 0 || Number.isNaN(Number(direction))) {
    throw new CommandError('CannotCreateIndex', 'values in an index key pattern must be numbers other than 0')
  }
}

function truth(value: unknown): boolean {
  return value === true || (isNumber(value) && Number(value) !== 0)
}

/** An index as listIndexes tells it. */
export function describeIndex(index: IndexSpec): Doc {
  return {
    v: 2,
    key: index.key,
    name: index.name,
    // The index on _id is unique without saying so.
    ...(index.unique && index.name !== '_id_' ? { unique: true } : {}),
    ...(index.sparse ? { sparse: true } : {}),
    ...(index.partialFilter === undefined ? {} : { partialFilterExpression: index.partialFilter }),
    ...(index.expireAfterSeconds === undefined ? {} : { expireAfterSeconds: index.expireAfterSeconds }),
    ...(index.hidden === true ? { hidden: true } : {}),
    ...(specialKind(index.key) === '2dsphere' ? { '2dsphereIndexVersion': 3 } : {}),
    ...index.geoOptions,
    ...index.textOptions,
    ...(index.textOptions === undefined ? {} : { textIndexVersion: 3 }),
  }
}

/** Finds the index that the spec would repeat. Throws when name or key are taken by a different one. */
export function sameIndex(indexes: readonly Index[], spec: IndexSpec): Index | undefined {
  for (const index of indexes) {
    if (
      spec.textOptions !== undefined &&
      index.textOptions !== undefined &&
      !sameDoc(optionsOf(index), optionsOf(spec))
    ) {
      throw new CommandError(
        'CannotCreateIndex',
        `only one text index per collection allowed, found existing text index "${index.name}"`,
      )
    }
    const sameKey = sameDoc(keyOf(index), keyOf(spec))
    if (index.name === spec.name) {
      if (sameKey && sameDoc(optionsOf(index), optionsOf(spec))) return index
      const code = sameKey ? 'IndexOptionsConflict' : 'IndexKeySpecsConflict'
      throw new CommandError(code, `an index named ${spec.name} exists already and differs from the requested one`)
    }
    if (sameKey && sameDoc({ p: index.partialFilter }, { p: spec.partialFilter })) {
      throw new CommandError('IndexOptionsConflict', `an index with the same key exists already as ${index.name}`)
    }
  }
  return undefined
}

/** Directions compare as numbers, 1 and 1.0 alike. */
function keyOf(spec: IndexSpec): Doc {
  return Object.fromEntries(
    Object.entries(spec.key).map(([path, direction]) => [
      path,
      typeof direction === 'string' ? direction : Number(direction),
    ]),
  )
}

function optionsOf(spec: IndexSpec): Doc {
  const { unique, sparse, partialFilter, expireAfterSeconds, geoOptions, textOptions } = spec
  return {
    unique,
    sparse,
    partialFilter: partialFilter ?? null,
    expireAfterSeconds: expireAfterSeconds ?? null,
    geoOptions: geoOptions ?? null,
    textOptions: textOptions ?? null,
  }
}

function sameDoc(a: Doc, b: Doc): boolean {
  return Buffer.compare(writeDoc(withoutUndefined(a)), writeDoc(withoutUndefined(b))) === 0
}

function withoutUndefined(doc: Doc): Doc {
  return Object.fromEntries(Object.entries(doc).filter(([, value]) => value !== undefined))
}
