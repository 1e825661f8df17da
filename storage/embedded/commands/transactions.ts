import { CommandError } from '../errors.ts'
import { noSuchTransaction, type Transaction } from '../sessions/transaction.ts'
import type { StatementLog } from '../sessions/statement-log.ts'
import type { Command, Context } from './command.ts'

/** https://www.mongodb.com/docs/manual/reference/command/commitTransaction/ */
export const commitTransaction: Command = {
  name: 'commitTransaction',
  options: ['recoveryToken'],
  inTransaction: true,
  async run(context) {
    const { log, transaction } = ending(context)
    // A driver that got no answer asks again, perhaps after a restart of this server.
    if (transaction?.state === 'committed' || log.find(0)?.['committed'] === true) return {}
    if (transaction === undefined || transaction.state === 'aborted')
      throw noSuchTransaction('Transaction was aborted or does not exist')
    await transaction.commit(log)
    return {}
  },
}

/** https://www.mongodb.com/docs/manual/reference/command/abortTransaction/ */
export const abortTransaction: Command = {
  name: 'abortTransaction',
  options: ['recoveryToken'],
  inTransaction: true,
  async run(context) {
    const { log, transaction } = ending(context)
    if (transaction?.state === 'committed' || log.find(0)?.['committed'] === true) {
      throw new CommandError('TransactionCommitted', 'Transaction has been committed')
    }
    if (transaction === undefined || transaction.state === 'aborted')
      throw noSuchTransaction('Transaction was aborted or does not exist')
    transaction.abort()
    return {}
  },
}

function ending({ engine, session, body, db }: Context): { log: StatementLog; transaction: Transaction | undefined } {
  if (db !== 'admin') throw new CommandError('Unauthorized', 'transactions are ended through the admin database')
  if (session === undefined || body['autocommit'] !== false)
    throw new CommandError('InvalidOptions', 'there is no transaction to end')
  const number = engine.sessions.advance(session, body['txnNumber'])
  return { log: engine.sessions.statementLog(session, number), transaction: session.transaction }
}
