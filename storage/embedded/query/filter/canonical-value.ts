import { encodeKey } from '../encode-key.ts'
import { isDoc } from '../value-type.ts'

/** A text that two values share when they are equal, the order of documents' fields aside. */
export function canonical(value: unknown): string {
  return JSON.stringify(describe(value))
}

function describe(value: unknown): unknown {
  if (Array.isArray(value)) return ['array', ...value.map(describe)]
  if (!isDoc(value)) return encodeKey([value], [1]).toString('latin1')
  const fields = Object.entries(value).map(([field, inner]) => [field, describe(inner)] as const)
  return ['document', ...fields.toSorted(([a], [b]) => (a < b ? -1 : 1))]
}
