import { Decimal128, Double, Int32, Long } from 'bson'
import { add, type BsonNumber, integerOf, integerResult } from './arithmetic.ts'
import { asDecimal128, toDecimal128 } from './decimal128.ts'
import { divideExact } from './decimal-division.ts'
import { exactDecimal, type ExactDecimal, normalized } from './exact-decimal.ts'
import { isNumber, typeOf } from './value-type.ts'

/**
 * The sum and average of numbers as `$sum` and `$avg` take them: integers exactly, doubles with their rounding error
 * carried along, the result in the widest type seen. What is no number is left out.
 */
export class NumberSum {
  private integers = 0n
  private sum = 0
  private carry = 0
  private plain = 0
  private decimals: BsonNumber | undefined
  private widest: 'int' | 'long' | 'double' = 'int'
  private seen = 0

  add(value: unknown): void {
    if (!isNumber(value)) return
    this.seen += 1
    const type = typeOf(value)
    if (type === 'decimal') {
      this.decimals = add(this.decimals ?? new Int32(0), value) as BsonNumber
    } else if (type === 'double') {
      this.widest = 'double'
      this.addDouble(value instanceof Double ? value.value : (value as number))
    } else {
      if (type === 'long' && this.widest === 'int') this.widest = 'long'
      this.integers += integerOf(value)
    }
  }

  total(): BsonNumber {
    if (this.decimals !== undefined) return this.decimalTotal(this.decimals)
    if (this.widest === 'double') return new Double(this.doubleTotal()[0])
    return integerResult(this.integers, this.widest === 'int') ?? new Double(Number(this.integers))
  }

  /** Null when there was no number. */
  average(): BsonNumber | null {
    if (this.seen === 0) return null
    if (this.decimals !== undefined) {
      return divideExact(asDecimal128(this.decimalTotal(this.decimals)), asDecimal128(Long.fromNumber(this.seen)))
    }
    return new Double(this.doubleTotal()[0] / this.seen)
  }

  /** Knuth's two-sum keeps what each addition rounds away. */
  private addDouble(value: number): void {
    this.plain += value
    const [low, lowError] = twoSum(value, this.carry)
    const [high, highError] = twoSum(this.sum, low)
    this.sum = high
    this.carry = lowError + highError
  }

  /** The nearest double of the sum, and what that leaves of it. */
  private doubleTotal(): [nearest: number, rest: number] {
    // Infinities turn the carry into NaN, where the plain sum is right.
    if (!Number.isFinite(this.plain) || !Number.isFinite(this.sum)) return [this.plain + Number(this.integers), 0]
    const high = Number(this.integers)
    const low = Number(this.integers - BigInt(high))
    const [total, error] = twoSum(this.sum, high)
    return twoSum(total, error + this.carry + low)
  }

  private decimalTotal(decimals: BsonNumber): Decimal128 {
    if (this.widest !== 'double') {
      return add(decimals, toDecimal128({ kind: 'finite', coefficient: this.integers, exponent: 0 })) as Decimal128
    }
    // Unlike elsewhere in MongoDB, these doubles count with all of their digits and not with 15.
    const [nearest, rest] = this.doubleTotal().map((part) => toDecimal128(shortest(exactDecimal(part))))
    return add(decimals, add(nearest, rest)) as Decimal128
  }
}

/** Without the zeros that the exact form of a double's fraction ends in. */
function shortest(exact: ExactDecimal): ExactDecimal {
  return exact.exponent < 0 ? normalized(exact) : exact
}

function twoSum(a: number, b: number): [sum: number, error: number] {
  const sum = a + b
  const bRounded = sum - a
  return [sum, a - (sum - bRounded) + (b - bRounded)]
}
