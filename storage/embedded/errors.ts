import { errorCode, type ErrorCodeName } from './error-codes.ts'

export type { ErrorCodeName }

/** The one error that leaves a command: becomes `{ ok: 0, code, codeName, errmsg, errorLabels?, ...details }` on the wire. */
export class CommandError extends Error {
  readonly code: number
  readonly codeName: ErrorCodeName
  readonly details: Readonly<Record<string, unknown>>
  /** MongoDB would have answered; the embedded database does not. */
  readonly isRefusal: boolean

  constructor(
    codeName: ErrorCodeName,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    { isRefusal = false }: { isRefusal?: boolean } = {},
  ) {
    super(message)
    this.name = 'CommandError'
    this.code = errorCode(codeName)
    this.codeName = codeName
    this.details = details
    this.isRefusal = isRefusal
  }
}

/** What the subset leaves out is refused by name; the way out is a real MongoDB. */
export function unsupported(codeName: ErrorCodeName, what: string): CommandError {
  return new CommandError(
    codeName,
    `${what} is not supported by the embedded database; set MONGODB_URI to use a MongoDB server`,
    {},
    { isRefusal: true },
  )
}
