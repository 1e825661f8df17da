import { type ExpressionOperator, type ExpressionOperators, isNullish, namedOperands, unary } from './evaluate.ts'
import { CommandError } from '../../errors.ts'
import { convertTo, type ConversionTarget, isConversionTarget, targetOfCode } from './convert.ts'
import { doubleArgument } from '../integer-argument.ts'
import { isNumber, typeOf } from '../value-type.ts'

function conversion(target: ConversionTarget): ExpressionOperator {
  return unary((value) => (isNullish(value) ? null : convertTo(target, value)))
}

const convert: ExpressionOperator = (operand, compile, name) => {
  const given = namedOperands(operand, name, { required: ['input', 'to'], optional: ['onError', 'onNull'] })
  const [input, to] = [compile(given.input), compile(given.to)]
  const onError = Object.hasOwn(given, 'onError') ? compile(given.onError) : undefined
  const onNull = Object.hasOwn(given, 'onNull') ? compile(given.onNull) : () => null
  return (scope) => {
    const wanted = to(scope)
    if (isNullish(wanted)) return null
    const target = targetOf(wanted)
    const value = input(scope)
    if (isNullish(value)) return onNull(scope)
    try {
      return convertTo(target, value)
    } catch (error) {
      if (onError !== undefined && error instanceof CommandError && error.codeName === 'ConversionFailure') {
        return onError(scope)
      }
      throw error
    }
  }
}

function targetOf(to: unknown): ConversionTarget {
  const target = typeof to === 'string' ? to : targetOfCode(doubleArgument(to))
  if (isConversionTarget(target)) return target
  throw new CommandError('BadValue', `$convert's 'to' argument is not a type to convert to: ${String(to)}`)
}

export const typeOperators: ExpressionOperators = {
  $type: unary(typeOf),
  $isNumber: unary(isNumber),
  $convert: convert,
  $toBool: conversion('bool'),
  $toInt: conversion('int'),
  $toLong: conversion('long'),
  $toDouble: conversion('double'),
  $toDecimal: conversion('decimal'),
  $toString: conversion('string'),
  $toDate: conversion('date'),
  $toObjectId: conversion('objectId'),
}
