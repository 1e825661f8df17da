import { MutationRefused, type UserError } from '../../../storage/mutate.ts'

/** Lines that one batch may have. */
export const maxBatchLines = 250

/** Why a line cannot be applied. */
export interface LineRefusal {
  readonly code: string
  /** The field of the line that is at fault. */
  readonly field: string
  readonly message: string
}

/** Errors told of one batch; the rest is likely to have the same cause. */
const maxErrors = 25

/** Collects the refusals of a batch's lines, so that a client can mend all of them at once. */
export function createLineErrors(listField: string) {
  const errors: UserError[] = []
  return {
    errors: errors as readonly UserError[],
    add(line: number, { code, field, message }: LineRefusal): void {
      if (errors.length >= maxErrors) return
      errors.push({ code, field: ['input', listField, String(line), field], message: `Line ${line + 1}: ${message}` })
    },
    /** Ends the mutation when a line was refused. */
    check(): void {
      if (errors.length > 0) throw new MutationRefused(errors)
    },
  }
}

/** Why a batch has no lines or too many; undefined when their number is right. */
export function batchSizeError(listField: string, lines: readonly unknown[]): UserError | undefined {
  if (lines.length >= 1 && lines.length <= maxBatchLines) return undefined
  const message = `A batch has 1 to ${maxBatchLines} lines, this one has ${lines.length}.`
  return { code: 'INVALID_BATCH', field: ['input', listField], message }
}

/** Refuses a batch with no lines or too many. */
export function checkBatchSize(listField: string, lines: readonly unknown[]): void {
  const error = batchSizeError(listField, lines)
  if (error) throw new MutationRefused([error])
}
