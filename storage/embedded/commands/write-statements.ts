import { CommandError } from '../errors.ts'
import type { Doc } from '../query/bson.ts'
import { flagArgument } from './arguments.ts'
import type { Context } from './command.ts'

/** MongoDB's limit for the statements of one command. */
export const mostStatements = 100_000

export type WriteError = { index: number; code: number; errmsg: string; [detail: string]: unknown }

/** Turns a statement's error into its place in the reply. Errors that end a transaction are thrown on. */
export function writeErrorOf(error: unknown, index: number): WriteError {
  if (!(error instanceof CommandError) || error.details['errorLabels'] !== undefined) throw error
  if (
    error.codeName === 'MaxTimeMSExpired' ||
    error.codeName === 'OutOfDiskSpace' ||
    error.codeName === 'InternalError'
  )
    throw error
  return { index, code: error.code, errmsg: error.message, ...error.details }
}

/** Runs statements one after the other; an ordered list stops at its first error and keeps what came before. */
export async function runStatements(
  context: Context,
  statements: readonly Doc[],
  run: (statement: Doc, index: number) => Promise<void>,
): Promise<WriteError[]> {
  if (statements.length === 0 || statements.length > mostStatements) {
    throw new CommandError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${mostStatements}. Got ${statements.length} operations.`,
    )
  }
  const ordered = flagArgument(context.body, 'ordered', true)
  const errors: WriteError[] = []
  for (const [index, statement] of statements.entries()) {
    try {
      context.operation.check()
      await run(statement, index)
    } catch (error) {
      errors.push(writeErrorOf(error, index))
      // The first error has ended the transaction.
      if (ordered || context.transaction !== undefined) break
    }
  }
  return errors
}

/** The reply to a list of writes. */
export function writeReply(counts: Doc, errors: readonly WriteError[]): Doc {
  return { ...counts, ...(errors.length > 0 ? { writeErrors: errors } : {}) }
}
