import type { Engine } from '../engine/engine.ts'
import { Operation } from '../engine/operation.ts'
import { CommandError, unsupported } from '../errors.ts'
import { writeDoc, type Doc } from '../query/bson.ts'
import type { Unit } from '../engine/unit.ts'
import type { StatementLog } from '../sessions/statement-log.ts'
import type { Session } from '../sessions/session.ts'
import { checkStorable, deepestDocument } from '../query/check-storable.ts'
import { checkDatabase } from '../engine/catalog.ts'
import type { Command, Context } from './command.ts'
import { checkOptions } from './common-options.ts'
import { maxTimeOf } from './cursor-reply.ts'
import { commandNamed } from './registry.ts'

export type DispatchOptions = { engine: Engine; connectionId: number; onFault: (error: unknown) => void }

const retryable = new Set(['insert', 'update', 'delete', 'findAndModify'])

/** A document of the deepest allowed nesting, within a command. */
const deepestMessage = deepestDocument + 20

const endings = new Set(['commitTransaction', 'abortTransaction'])

/** Carries out one command and answers with the bytes of its reply, whatever happens. */
export async function dispatch(body: Doc, { engine, connectionId, onFault }: DispatchOptions): Promise<Uint8Array> {
  let session: Session | undefined
  try {
    const command = commandOf(body)
    checkStorable(body, deepestMessage)
    checkOptions(command, body)
    session = body['lsid'] === undefined ? undefined : engine.sessions.use(body['lsid'])
    const work = (): Promise<Uint8Array> => perform(command, { body, engine, connectionId, session })
    // Only numbered commands must wait for each other: a change stream of the same session waits in its getMore.
    return await (session === undefined || body['txnNumber'] === undefined ? work() : session.inTurn(work))
  } catch (error) {
    // Whatever fails in a transaction ends it, in MongoDB as well.
    if (body['autocommit'] === false && !endings.has(Object.keys(body)[0] ?? '')) session?.transaction?.abort()
    return writeDoc(errorReply(error, { engine, onFault }))
  }
}

function commandOf(body: Doc): Command {
  const name = Object.keys(body)[0] ?? ''
  const command = commandNamed(name)
  if (command !== undefined) return command
  throw unsupported('CommandNotFound', `the command '${name}'`)
}

type Setting = { body: Doc; engine: Engine; connectionId: number; session: Session | undefined }

async function perform(command: Command, { body, engine, connectionId, session }: Setting): Promise<Uint8Array> {
  const db = body['$db']
  if (typeof db !== 'string') throw new CommandError('FailedToParse', "the command has no '$db'")
  checkDatabase(db)
  const numbered = session !== undefined && body['txnNumber'] !== undefined
  const ending = endings.has(command.name)
  const transaction =
    session !== undefined && body['autocommit'] === false && !ending
      ? engine.sessions.transaction(session, body['txnNumber'], body['startTransaction'] === true)
      : undefined
  if (session !== undefined && transaction !== undefined) session.connectionId = connectionId
  if (transaction !== undefined && !command.inTransaction) {
    throw new CommandError(
      'OperationNotSupportedInTransaction',
      `Cannot run '${command.name}' in a multi-document transaction.`,
    )
  }
  const statements =
    numbered && transaction === undefined && retryable.has(command.name)
      ? engine.sessions.statementLog(session, engine.sessions.advance(session, body['txnNumber']))
      : undefined
  const operation = new Operation(command.name === 'getMore' ? 0 : maxTimeOf(body))
  const context: Context = {
    engine,
    db,
    body,
    operation,
    connectionId,
    session,
    transaction,
    statements,
    origin: transaction !== undefined ? { lsid: body['lsid'] as Doc, txnNumber: body['txnNumber'] } : {},
    view: transaction?.view ?? engine.environment,
    write: (job) =>
      transaction === undefined ? engine.writer.run(remembering(job, statements), operation) : transaction.run(job),
  }
  const reply = await command.run(context)
  if (reply instanceof Uint8Array) return reply
  // A statement's error in the reply ends a transaction like any other.
  if (reply['writeErrors'] !== undefined) transaction?.abort()
  return writeDoc({ ...reply, ok: 1, ...engine.operationTime() })
}

/** Once for the unit, not for each of its statements. */
function remembering<T>(job: (unit: Unit) => T, statements: StatementLog | undefined): (unit: Unit) => T {
  if (statements === undefined) return job
  return (unit) => {
    statements.forgetOlder(unit)
    return job(unit)
  }
}

function errorReply(error: unknown, { engine, onFault }: { engine: Engine; onFault: (error: unknown) => void }): Doc {
  if (!(error instanceof CommandError)) onFault(error)
  const known =
    error instanceof CommandError
      ? error
      : new CommandError('InternalError', `unexpected: ${error instanceof Error ? error.message : String(error)}`)
  return {
    ok: 0,
    errmsg: known.message,
    code: known.code,
    codeName: known.codeName,
    ...known.details,
    ...engine.operationTime(),
  }
}
