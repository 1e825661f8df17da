import type { UserError } from '../../../storage/mutate.ts'

const yearMs = 366 * 24 * 60 * 60 * 1000
const longest = { reference: 64, supplier: 120 } as const

/** What is wrong with the texts of a shipment. */
export function checkShipmentTexts(input: { readonly reference: string; readonly supplier: string }): UserError[] {
  return (['reference', 'supplier'] as const).flatMap((field) => {
    const text = input[field]
    if (text.trim() !== '' && text.length <= longest[field]) return []
    const message = `${field} must have 1 to ${longest[field]} characters.`
    return { code: 'INVALID_SHIPMENT', field: ['input', field], message }
  })
}

/** Why a moment at which goods are to arrive is refused: it must lie ahead, and not beyond two years. */
export function checkExpectedAt(expectedAt: Date, now: Date): UserError[] {
  if (expectedAt > now && expectedAt.getTime() - now.getTime() <= 2 * yearMs) return []
  const message = 'expectedAt must lie ahead, at most two years.'
  return [{ code: 'INVALID_SHIPMENT', field: ['input', 'expectedAt'], message }]
}
