import { Binary, Long } from 'bson'
import { CommandError } from '../errors.ts'
import { readDoc } from '../query/bson.ts'
import { isDoc, isLong, isNumber } from '../query/value-type.ts'
import { keyAfter, tableRange, tables } from '../engine/keys.ts'
import { Session, sessionIdOf } from './session.ts'
import { lastTxnNumber, StatementLog } from './statement-log.ts'
import { noSuchTransaction, Transaction, type TransactionParts } from './transaction.ts'

/** As in MongoDB: how long a session is remembered, and how long a transaction may last. */
export const sessionTimeoutMinutes = 30
const transactionLifetimeMs = 60 * 1000

const sweepStep = 1000

/** The sessions that clients have used lately. */
export class Sessions {
  private readonly sessions = new Map<string, Session>()
  private readonly parts: TransactionParts

  constructor(parts: TransactionParts) {
    this.parts = parts
  }

  /** The session that a command names, created at its first use. */
  use(lsid: unknown): Session {
    if (!isDoc(lsid) || !(lsid['id'] instanceof Binary))
      throw new CommandError('BadValue', 'lsid must hold a UUID as id')
    const id = sessionIdOf({ id: lsid['id'] })
    if (id.length !== 16) throw new CommandError('BadValue', 'lsid.id must be a UUID')
    const key = id.toString('latin1')
    let session = this.sessions.get(key)
    if (session === undefined) {
      session = new Session(id, this.parts.now())
      session.txnNumber = lastTxnNumber(this.parts.environment, id)
      this.sessions.set(key, session)
    }
    session.lastUsed = this.parts.now()
    return session
  }

  /** Takes a session to a number: an older one than it has reached is refused. */
  advance(session: Session, value: unknown): Long {
    const number = readTxnNumber(value)
    const reached = session.txnNumber
    if (reached !== undefined && number.lessThan(reached)) {
      throw new CommandError(
        'TransactionTooOld',
        `txnNumber ${number.toString()} is less than ${reached.toString()}, which the session has used`,
      )
    }
    if (reached === undefined || number.greaterThan(reached)) {
      session.transaction?.abort()
      session.transaction = undefined
      session.txnNumber = number
    }
    return number
  }

  statementLog(session: Session, number: Long): StatementLog {
    return new StatementLog(this.parts.environment, session.id, number)
  }

  /** Begins a transaction, or returns the one that is open under this number. */
  transaction(session: Session, value: unknown, starting: boolean): Transaction {
    const number = readTxnNumber(value)
    if (starting) {
      const known = session.txnNumber?.equals(number) === true && session.transaction !== undefined
      // A repeated first command begins anew only when the first attempt did not survive.
      if (known && session.transaction?.state !== 'aborted') {
        throw new CommandError(
          'ConflictingOperationInProgress',
          `a transaction with txnNumber ${number.toString()} is in progress already`,
        )
      }
      this.advance(session, value)
      session.transaction = new Transaction(this.parts)
      return session.transaction
    }
    this.advance(session, value)
    const { transaction } = session
    if (transaction === undefined || transaction.state === 'aborted') {
      throw noSuchTransaction(
        `Given transaction number ${number.toString()} does not match any in-progress transactions.`,
      )
    }
    return transaction
  }

  /** Ends sessions at their client's wish; what they stored for retries stays until it is old. */
  end(lsids: readonly unknown[]): void {
    for (const lsid of lsids) {
      const session = this.use(lsid)
      session.transaction?.abort()
      this.sessions.delete(session.id.toString('latin1'))
    }
  }

  /**
   * Aborts the transactions that a connection which has closed leaves open, after what it has asked for before: a
   * process that was killed would keep others from what it has written for a minute. A client that is alive begins anew.
   */
  connectionClosed(connectionId: number): void {
    for (const session of this.sessions.values()) {
      const { transaction } = session
      if (session.connectionId !== connectionId || transaction?.state !== 'open') continue
      void session.inTurn(async () => {
        if (session.connectionId === connectionId && transaction.state === 'open') transaction.abort()
      })
    }
  }

  abortAll(): void {
    for (const { transaction } of this.sessions.values()) transaction?.abort()
  }

  /** Aborts transactions that were abandoned: others wait for what they have written. */
  async sweepTransactions(): Promise<void> {
    const oldest = this.parts.now() - transactionLifetimeMs
    for (const { transaction } of this.sessions.values()) {
      if (transaction !== undefined && transaction.startedAt < oldest) transaction.abort()
    }
  }

  /** Forgets sessions that are old, in memory and on disk. */
  async sweep(): Promise<void> {
    const now = this.parts.now()
    for (const [key, session] of this.sessions) {
      const { transaction } = session
      if (now - session.lastUsed > sessionTimeoutMinutes * 60_000) {
        transaction?.abort()
        this.sessions.delete(key)
      }
    }
    const oldest = Date.now() - sessionTimeoutMinutes * 60_000
    const { from: start, to } = tableRange(tables.sessions)
    let from = start
    for (let looked = sweepStep; looked === sweepStep;) {
      looked = await this.parts.writer.run((unit) => {
        let count = 0
        for (const { key, value } of this.parts.environment.range({ from, to })) {
          if (Number(readDoc(value)['at']) < oldest) unit.remove(key)
          from = keyAfter(key)
          if (++count === sweepStep) break
        }
        return count
      })
    }
  }
}

function readTxnNumber(value: unknown): Long {
  if (!isNumber(value))
    throw new CommandError('TypeMismatch', "BSON field 'txnNumber' is the wrong type, expected type 'long'")
  const number = isLong(value) ? value : Long.fromNumber(Number(value))
  if (number.isNegative()) throw new CommandError('BadValue', 'txnNumber must not be negative')
  return number
}
