import type { LineRefusal } from './line-errors.ts'

const longest = 100

/** Why a client's own number, such as that of an order or a delivery note, is refused; undefined when it may stand. */
export function checkReference(reference: string | null | undefined): LineRefusal | undefined {
  if (reference === null || reference === undefined) return undefined
  if (reference.trim() !== '' && reference.length <= longest) return undefined
  return { code: 'INVALID_REFERENCE', field: 'reference', message: `A reference has 1 to ${longest} characters.` }
}
