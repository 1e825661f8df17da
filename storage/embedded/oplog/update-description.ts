import type { Doc } from '../query/bson.ts'
import { identical } from '../query/identical.ts'
import { isDoc } from '../query/value-type.ts'

/** What changed between two versions of a document, as change streams tell it. */
export function describeUpdate(before: Doc, after: Doc): Doc {
  const description = { updatedFields: {} as Doc, removedFields: [] as string[], truncatedArrays: [] as Doc[] }
  compareFields(before, after, { path: '', description })
  return description
}

type Description = { updatedFields: Doc; removedFields: string[]; truncatedArrays: Doc[] }
type Place = { path: string; description: Description }

function compareFields(before: Doc, after: Doc, { path, description }: Place): void {
  for (const [field, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, field) ? before[field] : undefined
    compareValue(old, value, { path: path + field, description })
  }
  for (const field of Object.keys(before)) {
    if (!Object.hasOwn(after, field)) description.removedFields.push(path + field)
  }
}

function compareValue(old: unknown, value: unknown, { path, description }: Place): void {
  if (isDoc(old) && isDoc(value)) {
    compareFields(old, value, { path: `${path}.`, description })
  } else if (Array.isArray(old) && Array.isArray(value)) {
    const kept = Math.min(old.length, value.length)
    for (let index = 0; index < kept; index++) {
      compareValue(old[index], value[index], { path: `${path}.${index}`, description })
    }
    if (value.length < old.length) description.truncatedArrays.push({ field: path, newSize: value.length })
    for (let index = kept; index < value.length; index++) description.updatedFields[`${path}.${index}`] = value[index]
  } else if (old === undefined || !identical(old, value)) {
    description.updatedFields[path] = value
  }
}
