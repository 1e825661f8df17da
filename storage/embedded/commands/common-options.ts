import { CommandError, unsupported } from '../errors.ts'
import { checkCollation } from '../engine/check-collation.ts'
import type { Doc } from '../query/bson.ts'
import { isDoc, isNumber } from '../query/value-type.ts'
import type { Command } from './command.ts'

/** What every command may carry. Hints about where to read are moot with one server. */
const common = new Set([
  '$db',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'stmtId',
  'stmtIds',
  '$readPreference',
  '$clusterTime',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
])

/** The commands that may name a collation. */
const collating = new Set(['find', 'aggregate', 'count', 'distinct', 'findAndModify', 'create'])

const readLevels = new Set(['local', 'available', 'majority', 'linearizable', 'snapshot'])

/** Refuses by name every option that would otherwise be ignored. */
export function checkOptions(command: Command, body: Doc): void {
  const [name, ...fields] = Object.keys(body)
  for (const field of fields) {
    if (command.options === 'any' || common.has(field) || command.options.includes(field)) continue
    const value = body[field]
    // Spelled out but off, it asks for nothing.
    if (value === undefined || (command.harmless?.includes(field) === true && value === false)) continue
    if (field === 'collation' && collating.has(command.name)) {
      checkCollation(value)
      continue
    }
    throw unsupported('InvalidOptions', `the option '${field}' of the command '${name}'`)
  }
  checkReadConcern(body)
  checkWriteConcern(body['writeConcern'])
  if (body['apiVersion'] !== undefined && body['apiVersion'] !== '1') {
    throw new CommandError('APIVersionError', `API version must be "1", not ${JSON.stringify(body['apiVersion'])}`)
  }
}

/** One server that answers only with what is on disk meets every level; a snapshot needs a transaction. */
function checkReadConcern(body: Doc): void {
  const concern = body['readConcern']
  if (concern === undefined) return
  if (!isDoc(concern)) throw new CommandError('TypeMismatch', 'readConcern must be an object')
  for (const field of Object.keys(concern)) {
    if (field !== 'level' && field !== 'afterClusterTime')
      throw unsupported('InvalidOptions', `the read concern option ${field}`)
  }
  const level = concern['level'] ?? 'local'
  if (typeof level !== 'string' || !readLevels.has(level))
    throw new CommandError('FailedToParse', `unknown read concern level ${JSON.stringify(level)}`)
  if (level === 'snapshot' && body['autocommit'] !== false) {
    throw unsupported('InvalidOptions', "the read concern 'snapshot' outside transactions")
  }
}

/** Every acknowledged write is on disk of the only member, so that w: 1, w: majority and j: true are all the same. */
function checkWriteConcern(concern: unknown): void {
  if (concern === undefined) return
  if (!isDoc(concern)) throw new CommandError('TypeMismatch', 'writeConcern must be an object')
  const w = concern['w']
  if (w === undefined || w === 'majority' || (isNumber(w) && Number(w) >= 0 && Number(w) <= 1)) return
  throw new CommandError('UnsatisfiableWriteConcern', 'Not enough data-bearing nodes: the embedded database has one')
}
