import { Decimal128, Double } from 'bson'
import { CommandError, unsupported } from '../../errors.ts'
import { integerOf, integerResult } from '../arithmetic.ts'
import { roundedQuotient, toDecimal128 } from '../decimal128.ts'
import { exactDecimal, type ExactDecimal } from '../exact-decimal.ts'
import { doubleArgument, integerArgument } from '../integer-argument.ts'
import { isNumber, typeOf } from '../value-type.ts'
import { type ExpressionOperator, type ExpressionOperators, isNullish, positional, unary } from './evaluate.ts'

function numeric(name: string, value: unknown): unknown {
  if (isNumber(value)) return value
  throw new CommandError('Location28765', `${name} only supports numeric types, not ${typeOf(value)}`)
}

/** A function of real numbers, calculated in doubles and so refused for decimals. */
function real(calculate: (value: number, name: string) => number): ExpressionOperator {
  return unary((value, name) => {
    if (isNullish(value)) return null
    if (value instanceof Decimal128) throw unsupported('InvalidPipelineOperator', `${name} of a Decimal128`)
    return new Double(calculate(doubleArgument(numeric(name, value)) as number, name))
  })
}

function positive(value: number, name: string): number {
  if (value > 0 || Number.isNaN(value)) return value
  const code = name === '$log10' ? 'Location28761' : 'Location28766'
  throw new CommandError(code, `${name}'s argument must be a positive number, but is ${value}`)
}

function notNegative(value: number, name: string): number {
  if (value >= 0 || Number.isNaN(value)) return value
  throw new CommandError('Location28714', `${name}'s argument must be greater than or equal to 0`)
}

function absolute(value: unknown, name: string): unknown {
  if (isNullish(value)) return null
  const type = typeOf(numeric(name, value))
  if (type === 'decimal') {
    const exact = exactDecimal(value)
    return toDecimal128({
      ...exact,
      coefficient: exact.coefficient < 0n ? -exact.coefficient : exact.coefficient,
      minusZero: false,
    })
  }
  if (type === 'double') return new Double(Math.abs(doubleArgument(value) as number))
  const integer = integerOf(value)
  const result = integerResult(integer < 0n ? -integer : integer, type === 'int')
  if (result === undefined) throw new CommandError('Location28680', "can't take $abs of long long min")
  return result
}

type Rounding = 'down' | 'up' | 'zero' | 'halfEven'

/** Rounds to a number of places after the point, or before it where negative. */
function rounded(value: unknown, places: number, rounding: Rounding): unknown {
  const type = typeOf(value)
  const exact = exactDecimal(value)
  if (exact.kind !== 'finite') return value
  if (type === 'decimal') return toDecimal128(roundExact(exact, places, rounding))
  if (type === 'double') {
    const double = doubleArgument(value) as number
    const result = roundExact(exact, places, rounding)
    const number = Number(`${result.coefficient}e${result.exponent}`)
    return new Double(number === 0 && (double < 0 || Object.is(double, -0)) ? -0 : number)
  }
  if (places >= 0) return value
  const result = roundExact(exact, places, rounding)
  const integer = integerResult(result.coefficient * 10n ** BigInt(result.exponent), type === 'int')
  if (integer === undefined) throw new CommandError('Location51080', 'invalid conversion from Decimal128 result')
  return integer
}

function roundExact(value: ExactDecimal, places: number, rounding: Rounding): ExactDecimal {
  const surplus = -places - value.exponent
  if (surplus <= 0) return value
  const negative = value.coefficient < 0n
  const magnitude = negative ? -value.coefficient : value.coefficient
  const divisor = 10n ** BigInt(surplus)
  const away = (rounding === 'up' && !negative) || (rounding === 'down' && negative)
  let quotient = rounding === 'halfEven' ? roundedQuotient(magnitude, surplus) : magnitude / divisor
  if (away && magnitude % divisor !== 0n) quotient += 1n
  return { kind: 'finite', coefficient: negative ? -quotient : quotient, exponent: -places }
}

function toPlaces(rounding: Rounding): ExpressionOperator {
  return positional(1, 2, ([value, places], name) => {
    if (isNullish(value) || places === null) return null
    const digits = places === undefined ? 0 : integerArgument(places)
    if (!isNumber(value))
      throw new CommandError('Location51081', `${name} only supports numeric types, not ${typeOf(value)}`)
    if (digits === undefined)
      throw new CommandError('Location51082', `precision argument to ${name} must be a integral value`)
    if (digits < -20 || digits > 100) {
      throw new CommandError(
        'Location51083',
        `cannot apply ${name} with precision value ${digits} value must be in [-20, 100]`,
      )
    }
    return rounded(value, digits, rounding)
  })
}

function toWhole(rounding: Rounding): ExpressionOperator {
  return unary((value, name) => (isNullish(value) ? null : rounded(numeric(name, value), 0, rounding)))
}

function power([base, exponent]: readonly unknown[], name: string): unknown {
  if (isNullish(base) || isNullish(exponent)) return null
  if (!isNumber(base)) throw new CommandError('Location28762', `$pow's base must be numeric, not ${typeOf(base)}`)
  if (!isNumber(exponent))
    throw new CommandError('Location28763', `$pow's exponent must be numeric, not ${typeOf(exponent)}`)
  const types = [typeOf(base), typeOf(exponent)]
  if (types.includes('decimal')) throw unsupported('InvalidPipelineOperator', `${name} of a Decimal128`)
  const [x, y] = [doubleArgument(base) as number, doubleArgument(exponent) as number]
  if (x === 0 && y < 0) throw new CommandError('Location28764', '$pow cannot take a base of 0 and a negative exponent')
  if (types.includes('double') || y < 0) return new Double(x ** y)
  // Beyond 64 bits the result is a double; an exponent that large is not worth calculating.
  if (Math.abs(x) > 1 && y > 64) return new Double(x ** y)
  const exact = Math.abs(x) > 1 ? integerOf(base) ** integerOf(exponent) : BigInt(x ** y)
  return integerResult(exact, !types.includes('long')) ?? new Double(x ** y)
}

function logarithm([value, base]: readonly unknown[], name: string): unknown {
  if (isNullish(value) || isNullish(base)) return null
  if (!isNumber(value)) throw new CommandError('Location28756', `$log's argument must be numeric, not ${typeOf(value)}`)
  if (!isNumber(base)) throw new CommandError('Location28757', `$log's base must be numeric, not ${typeOf(base)}`)
  if (value instanceof Decimal128 || base instanceof Decimal128) {
    throw unsupported('InvalidPipelineOperator', `${name} of a Decimal128`)
  }
  const [x, y] = [doubleArgument(value) as number, doubleArgument(base) as number]
  if (x <= 0) throw new CommandError('Location28758', `$log's argument must be a positive number, but is ${x}`)
  if (y <= 0 || y === 1)
    throw new CommandError('Location28759', `$log's base must be a positive number not equal to 1, but is ${y}`)
  return new Double(Math.log(x) / Math.log(y))
}

export const numberFunctions: ExpressionOperators = {
  $abs: unary(absolute),
  $ceil: toWhole('up'),
  $floor: toWhole('down'),
  $round: toPlaces('halfEven'),
  $trunc: toPlaces('zero'),
  $sqrt: real((value, name) => Math.sqrt(notNegative(value, name))),
  $exp: real(Math.exp),
  $ln: real((value, name) => Math.log(positive(value, name))),
  $log10: real((value, name) => Math.log10(positive(value, name))),
  $log: positional(2, 2, logarithm),
  $pow: positional(2, 2, power),
}
