import { Int32, Long } from 'bson'
import { CommandError } from '../../errors.ts'
import { integerArgument } from '../integer-argument.ts'
import { isDoc } from '../value-type.ts'
import { dateOf, dayOfYear, isoWeek, localDate, zoneOffset } from './date-arguments.ts'
import { addUnits, checkedUnit, truncateToUnit, unitsBetween, weekdayOf } from './date-units.ts'
import { type ExpressionOperator, type ExpressionOperators, isNullish, named } from './evaluate.ts'

/** An operator on a date alone, in an array of one, or with a time zone. */
function part(
  read: (date: Date) => number,
  typed: (number: number) => unknown = (number) => new Int32(number),
): ExpressionOperator {
  const operator = named({ required: ['date'], optional: ['timezone'] }, ({ date, timezone }) =>
    isNullish(date) || timezone === null ? null : typed(read(localDate(date, timezone))),
  )
  return (operand, compile, name) => {
    const only: unknown = Array.isArray(operand) && operand.length === 1 ? operand[0] : operand
    if (Array.isArray(only))
      throw new CommandError('Location40536', `${name} accepts exactly one argument if given an array`)
    const isNamed = isDoc(only) && !Object.keys(only).some((field) => field.startsWith('$'))
    return operator(isNamed ? only : { date: only }, compile, name)
  }
}

function shifting(sign: 1 | -1): ExpressionOperator {
  return named(
    { required: ['startDate', 'unit', 'amount'], optional: ['timezone'] },
    ({ startDate, unit, amount, timezone }, name) => {
      if (isNullish(startDate) || isNullish(unit) || isNullish(amount) || timezone === null) return null
      const count = integerArgument(amount)
      if (count === undefined) throw new CommandError('Location5166405', `${name} expects integer amount of time units`)
      const local = addUnits(localDate(startDate, timezone), checkedUnit(unit, name), sign * count)
      return new Date(local.getTime() - zoneOffset(timezone))
    },
  )
}

const difference = named(
  { required: ['startDate', 'endDate', 'unit'], optional: ['timezone', 'startOfWeek'] },
  ({ startDate, endDate, unit, timezone, startOfWeek }, name) => {
    if (isNullish(startDate) || isNullish(endDate) || isNullish(unit) || timezone === null) return null
    const options = { unit: checkedUnit(unit, name), weekStart: weekdayOf(startOfWeek) }
    return Long.fromNumber(unitsBetween(localDate(startDate, timezone), localDate(endDate, timezone), options))
  },
)

const truncate = named(
  { required: ['date', 'unit'], optional: ['binSize', 'timezone', 'startOfWeek'] },
  ({ date, unit, binSize, timezone, startOfWeek }, name) => {
    if (isNullish(date) || isNullish(unit) || binSize === null || timezone === null) return null
    const bin = binSize === undefined ? 1 : integerArgument(binSize)
    if (bin === undefined || bin < 1)
      throw new CommandError('Location5439018', `${name} requires 'binSize' to be a positive integer`)
    const options = { unit: checkedUnit(unit, name), bin, weekStart: weekdayOf(startOfWeek) }
    return new Date(truncateToUnit(localDate(date, timezone), options).getTime() - zoneOffset(timezone))
  },
)

const toParts = named({ required: ['date'], optional: ['timezone'] }, ({ date, timezone }) => {
  if (isNullish(date) || timezone === null) return null
  const local = localDate(dateOf(date), timezone)
  return {
    year: new Int32(local.getUTCFullYear()),
    month: new Int32(local.getUTCMonth() + 1),
    day: new Int32(local.getUTCDate()),
    hour: new Int32(local.getUTCHours()),
    minute: new Int32(local.getUTCMinutes()),
    second: new Int32(local.getUTCSeconds()),
    millisecond: new Int32(local.getUTCMilliseconds()),
  }
})

export const dateOperators: ExpressionOperators = {
  $year: part((date) => date.getUTCFullYear()),
  $month: part((date) => date.getUTCMonth() + 1),
  $dayOfMonth: part((date) => date.getUTCDate()),
  $dayOfWeek: part((date) => date.getUTCDay() + 1),
  $dayOfYear: part(dayOfYear),
  // Weeks of $week begin on Sundays, the first one with the first Sunday of the year.
  $week: part((date) => Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7)),
  $isoWeek: part((date) => isoWeek(date).week),
  $isoDayOfWeek: part((date) => date.getUTCDay() || 7),
  $isoWeekYear: part(
    (date) => isoWeek(date).year,
    (year) => Long.fromNumber(year),
  ),
  $hour: part((date) => date.getUTCHours()),
  $minute: part((date) => date.getUTCMinutes()),
  $second: part((date) => date.getUTCSeconds()),
  $millisecond: part((date) => date.getUTCMilliseconds()),
  $dateAdd: shifting(1),
  $dateSubtract: shifting(-1),
  $dateDiff: difference,
  $dateTrunc: truncate,
  $dateToParts: toParts,
}
