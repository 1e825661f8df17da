import { EJSON } from 'bson'

/** A value as text with its types and the order of its fields: equal texts are equal bytes. */
export function spell(value: unknown): string {
  return EJSON.stringify({ value }, { relaxed: false })
}
