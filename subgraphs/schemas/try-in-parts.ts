import type { DocumentTrial, OperationVerdict } from '../../kit/document-trial.ts'
import type { SchemaWorkshop } from '../../kit/schema-workshop.ts'

export interface TriedParts {
  readonly verdicts: readonly OperationVerdict[]
  /** How many of the documents were not tried, and the last reason for it. */
  readonly untried: number
  readonly reason: string | null
  /** Why gateways could serve nothing of the later graph. */
  readonly refusal: string | null
}

/**
 * Tries documents, of which any may be hostile: one that ends the workshop's process is looked for by halves until
 * `until` (of `performance.now()`), so that it keeps few others from being tried.
 */
export async function tryInParts(
  workshop: Pick<SchemaWorkshop, 'tryDocuments'>,
  trial: DocumentTrial,
  until: number,
): Promise<TriedParts> {
  const { documents } = trial
  if (documents.length === 0) return { verdicts: [], untried: 0, reason: null, refusal: null }
  try {
    const { verdicts, tried, refusal } = await workshop.tryDocuments(trial)
    const untried = documents.length - tried
    return { verdicts, untried, reason: untried === 0 ? null : 'it took too long', refusal }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (documents.length === 1 || performance.now() > until) {
      return { verdicts: [], untried: documents.length, reason, refusal: null }
    }
    const middle = Math.ceil(documents.length / 2)
    // The workshop does one job at a time.
    const first = await tryInParts(workshop, { ...trial, documents: documents.slice(0, middle) }, until)
    const second = await tryInParts(workshop, { ...trial, documents: documents.slice(middle) }, until)
    return {
      verdicts: [
        ...first.verdicts,
        ...second.verdicts.map((verdict) => ({ ...verdict, document: verdict.document + middle })),
      ],
      untried: first.untried + second.untried,
      reason: second.reason ?? first.reason,
      refusal: first.refusal ?? second.refusal,
    }
  }
}
