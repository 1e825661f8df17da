/** MongoDB's numeric error codes that this server answers with, by their code name. */
export const errorCodes = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  IllegalOperation: 20,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  NotSingleValueField: 54,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  WriteConflict: 112,
  CommandNotSupported: 115,
  NotAReplicaSet: 123,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  TransactionTooOld: 225,
  NoSuchTransaction: 251,
  TransactionCommitted: 256,
  OperationNotSupportedInTransaction: 263,
  ChangeStreamHistoryLost: 286,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  OutOfDiskSpace: 14031,
} as const

export type ErrorCodeName = keyof typeof errorCodes

/** The one error that leaves a command: becomes `{ ok: 0, code, codeName, errmsg, errorLabels?, ...details }` on the wire. */
export class CommandError extends Error {
  readonly code: number
  readonly codeName: ErrorCodeName
  readonly details: Readonly<Record<string, unknown>>

  constructor(codeName: ErrorCodeName, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.name = 'CommandError'
    this.code = errorCodes[codeName]
    this.codeName = codeName
    this.details = details
  }
}

/** What the subset leaves out is refused by name; the way out is a real MongoDB. */
export function unsupported(codeName: ErrorCodeName, what: string): CommandError {
  return new CommandError(
    codeName,
    `${what} is not supported by the embedded database; set MONGODB_URI to use a MongoDB server`,
  )
}
