import { BSONRegExp } from 'bson'
import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { compareStrings } from '../compare-values.ts'
import { fieldOf, setField, splitWritablePath } from '../field-path.ts'
import { holdsOperators } from '../filter/field-operators.ts'
import { isDoc } from '../value-type.ts'

/** The document that an upsert starts from: the fields that the filter asks to be equal to a value, by name. */
export function upsertSeed(filter: Doc): Doc {
  const equalities = new Map<string, unknown>()
  for (const [path, value] of equalitiesOf(filter)) {
    if (equalities.has(path)) {
      throw new CommandError('NotSingleValueField', `cannot infer query fields to set, path '${path}' is matched twice`)
    }
    equalities.set(path, value)
  }
  const seed: Doc = {}
  for (const [path, value] of [...equalities].toSorted(([a], [b]) => compareStrings(a, b))) {
    for (const other of equalities.keys()) {
      if (other.startsWith(`${path}.`)) {
        throw new CommandError(
          'NotSingleValueField',
          `cannot infer query fields to set, both paths '${path}' and '${other}' are matched`,
        )
      }
    }
    setAt(seed, splitWritablePath(path), value)
  }
  return seed
}

function equalitiesOf(filter: Doc): [string, unknown][] {
  return Object.entries(filter).flatMap(([field, operand]): [string, unknown][] => {
    if (field === '$and' || field === '$or') {
      // An $or of one branch is that branch.
      const branches = Array.isArray(operand) ? operand.filter(isDoc) : []
      return field === '$or' && branches.length > 1 ? [] : branches.flatMap(equalitiesOf)
    }
    if (field === '$expr') {
      throw new CommandError('QueryFeatureNotAllowed', '$expr is not allowed in the query predicate for an upsert')
    }
    if (field.startsWith('$')) return []
    return valuesOf(operand).map((value) => [field, value])
  })
}

function valuesOf(operand: unknown): unknown[] {
  if (operand instanceof BSONRegExp) return []
  if (!holdsOperators(operand)) return [operand]
  return Object.entries(operand).flatMap(([operator, value]) => {
    if (operator === '$eq') return [value]
    if (!Array.isArray(value) || (operator !== '$all' && !(operator === '$in' && value.length === 1))) return []
    return value.filter((one) => !(one instanceof BSONRegExp) && !holdsOperators(one))
  })
}

function setAt(doc: Doc, [part, ...rest]: readonly string[], value: unknown): void {
  if (part === undefined) return
  if (rest.length === 0) return setField(doc, part, value)
  const inner = fieldOf(doc, part)
  const holder = isDoc(inner) ? inner : {}
  setField(doc, part, holder)
  setAt(holder, rest, value)
}
