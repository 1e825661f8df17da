import { Binary, calculateObjectSize, Int32, Long, Timestamp } from 'bson'
import { CommandError } from '../../errors.ts'
import { isDoc, typeOf } from '../value-type.ts'
import { type ExpressionOperator, type ExpressionOperators, isNullish, unary } from './evaluate.ts'

function ofTimestamp(
  code: 'Location5687301' | 'Location5687302',
  read: (time: Timestamp) => number,
): ExpressionOperator {
  return unary((value, name) => {
    if (isNullish(value)) return null
    if (value instanceof Timestamp) return Long.fromNumber(read(value))
    throw new CommandError(code, `${name} requires a timestamp argument, found: ${typeOf(value)}`)
  })
}

/** How many bytes values take, and the two halves of a timestamp. */
export const sizeOperators: ExpressionOperators = {
  $binarySize: unary((value) => {
    if (isNullish(value)) return null
    if (typeof value === 'string') return new Int32(Buffer.byteLength(value))
    if (value instanceof Binary) return new Int32(value.length())
    throw new CommandError(
      'Location51276',
      `$binarySize requires a string or BinData argument, found: ${typeOf(value)}`,
    )
  }),
  $bsonSize: unary((value) => {
    if (isNullish(value)) return null
    if (isDoc(value)) return new Int32(calculateObjectSize(value, { ignoreUndefined: false }))
    throw new CommandError('Location31393', `$bsonSize requires a document input, found: ${typeOf(value)}`)
  }),
  $tsSecond: ofTimestamp('Location5687301', ({ t }) => t),
  $tsIncrement: ofTimestamp('Location5687302', ({ i }) => i),
}
