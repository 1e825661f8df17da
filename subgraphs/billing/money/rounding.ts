import type { Money } from '../../../kit/money.ts'

/** A quotient rounded half away from zero, so that a credit is rounded as the charge that it takes back. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  const magnitude = numerator < 0n ? -numerator : numerator
  const rounded = (2n * magnitude + denominator) / (2n * denominator)
  return numerator < 0n ? -rounded : rounded
}

/** A whole number as the database holds it; more than a number can hold exactly is an error and never approximated. */
export function exactNumber(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} minor units are more than can be held exactly`)
  return number
}

/** A share of an amount in basis points, rounded half up to the minor unit. */
export function shareOf(amount: Money, basisPoints: number): Money {
  // In BigInt, because amount x basis points may exceed the integers that a number holds exactly.
  const tenThousandths = BigInt(amount.minorUnits) * BigInt(basisPoints)
  return { ...amount, minorUnits: exactNumber(divideHalfUp(tenThousandths, 10_000n)) }
}

/**
 * Splits an amount by weights so that the parts add up to it exactly, by the method of the largest remainder: each
 * part is rounded down, and what is left goes by one minor unit to the parts that lost most, the first of equal ones.
 */
export function splitByWeights(minorUnits: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n)
  if (total <= 0n || weights.some((weight) => weight < 0)) throw new RangeError('weights must add up to more than 0')
  const sign = minorUnits < 0 ? -1n : 1n
  const magnitude = sign * BigInt(minorUnits)
  const parts = weights.map((weight, index) => {
    const exact = magnitude * BigInt(weight)
    return { index, floor: exact / total, remainder: exact % total }
  })
  const left = Number(magnitude - parts.reduce((sum, { floor }) => sum + floor, 0n))
  const lucky = new Set(
    parts
      .toSorted((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
      .slice(0, left)
      .map(({ index }) => index),
  )
  return parts.map(({ index, floor }) => exactNumber(sign * (floor + (lucky.has(index) ? 1n : 0n))))
}
