import { Int32 } from 'bson'
import { compareOperands, type ExpressionOperator, type ExpressionOperators, positional } from './evaluate.ts'

function comparison(accept: (order: number) => boolean): ExpressionOperator {
  return positional(2, 2, ([a, b]) => accept(compareOperands(a, b)))
}

/** Comparison over all types, without the type bracketing of filters. */
export const comparisonOperators: ExpressionOperators = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: positional(2, 2, ([a, b]) => new Int32(Math.sign(compareOperands(a, b)))),
}
