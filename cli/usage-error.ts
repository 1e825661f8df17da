/** A mistake in how a command was called, told to the person without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The graph has refused a change, with a code of its documentation. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
