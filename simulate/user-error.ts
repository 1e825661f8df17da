/** Why a mutation refused, as the graph tells it. */
export interface UserError {
  readonly code: string
  readonly field?: readonly string[] | null
  readonly message: string
}

/** A refusal in one line; undefined when nothing was refused. */
export function refusalOf(errors: readonly UserError[]): string | undefined {
  const [first] = errors
  return first && `refused, ${first.code}: ${first.message}`
}
