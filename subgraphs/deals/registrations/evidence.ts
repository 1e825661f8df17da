import { createId } from '../../../kit/ids.ts'
import { isWebAddress } from '../../../kit/web-address.ts'
import { refuse } from '../../../storage/mutate.ts'
import { createInputErrors } from '../input-errors.ts'

export const evidenceKinds = ['ENQUIRY', 'QUOTE', 'MEETING', 'PURCHASE_INTENT', 'OTHER'] as const

type EvidenceKind = (typeof evidenceKinds)[number]

/** Something that shows that a partner works on a deal. */
export interface DealEvidence {
  readonly id: string
  readonly kind: EvidenceKind
  readonly text: string
  readonly url: string | null
  readonly addedAt: Date
}

export interface EvidenceInput {
  readonly kind: EvidenceKind
  readonly text: string
  readonly url?: string | null
}

/** How many pieces a registration has at most; some are kept for extending, or adding many would rule that out. */
export const mostEvidence = { added: 15, withExtension: 20 } as const

const longestText = 2_000

/** A registration's evidence with more of it; refused when a piece is malformed or there is too much. */
export function withEvidence(
  present: readonly DealEvidence[],
  added: readonly EvidenceInput[],
  { addedAt, most }: { readonly addedAt: Date; readonly most: number },
): DealEvidence[] {
  if (added.length === 0) throw refuse('EVIDENCE_NEEDED', ['input', 'evidence'], 'Give at least one piece of evidence.')
  if (present.length + added.length > most) {
    const message = `A registration has at most ${most} pieces of evidence here; it has ${present.length}.`
    throw refuse('INVALID_INPUT', ['input', 'evidence'], message)
  }
  const errors = createInputErrors()
  const evidence = added.map(({ kind, text: given, url: address = null }, place): DealEvidence => {
    const text = given.trim()
    if (text.length < 1 || text.length > longestText) {
      errors.add(['evidence', String(place), 'text'], `A text has 1 to ${longestText} characters.`)
    }
    if (address !== null && !isWebAddress(address)) {
      errors.add(['evidence', String(place), 'url'], 'This is no web address, such as https://crm.example/notes/7.')
    }
    return { id: createId('DealEvidence'), kind, text, url: address, addedAt }
  })
  errors.check()
  return [...present, ...evidence]
}
