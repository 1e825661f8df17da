import type { Engine } from '../engine/engine.ts'
import type { Operation } from '../engine/operation.ts'
import type { Unit } from '../engine/unit.ts'
import type { View } from '../engine/view.ts'
import type { Doc } from '../query/bson.ts'
import type { Session } from '../sessions/session.ts'
import type { StatementLog } from '../sessions/statement-log.ts'
import type { Transaction } from '../sessions/transaction.ts'
import type { Origin } from '../engine/records.ts'

/** One command while it is carried out. */
export type Context = {
  readonly engine: Engine
  readonly db: string
  readonly body: Doc
  readonly operation: Operation
  readonly connectionId: number
  readonly session: Session | undefined
  readonly transaction: Transaction | undefined
  /** Which statements of a retryable write were carried out before; undefined when the write is not retryable. */
  readonly statements: StatementLog | undefined
  readonly origin: Origin
  /** What reads see: the newest state, or a transaction's. */
  readonly view: View
  /** Runs a job that writes, in the transaction or at once. */
  write<T>(job: (unit: Unit) => T | Promise<T>): Promise<T>
}

export type Command = {
  readonly name: string
  readonly aliases?: readonly string[]
  /** The fields it understands, besides its name and those that every command has. */
  readonly options: readonly string[] | 'any'
  /** Known fields of MongoDB's whose values are told apart, so that they are refused only when they ask for something. */
  readonly harmless?: readonly string[]
  readonly inTransaction: boolean
  /** A document, or the bytes of one. */
  run(context: Context): Promise<Doc | Uint8Array>
}
