import { Int32, Long } from 'bson'
import { CommandError } from '../../errors.ts'
import { setField } from '../field-path.ts'
import { encodeKey } from '../encode-key.ts'
import { compareOperands, isNullish } from '../expression/evaluate.ts'
import { NumberSum } from '../number-sum.ts'
import { isDoc, typeOf } from '../value-type.ts'
import { sizeOfValue } from './memory-meter.ts'

/** What a group keeps for one field; `add` returns about how many bytes more it now holds. */
export type Accumulator = { add(value: unknown): number; result(): unknown }

function summing(result: (sum: NumberSum) => unknown): () => Accumulator {
  return () => {
    const sum = new NumberSum()
    return {
      add(value) {
        sum.add(value)
        return 0
      },
      result: () => result(sum),
    }
  }
}

function keeping(choose: (kept: unknown, value: unknown, place: number) => boolean): () => Accumulator {
  return () => {
    let kept: unknown
    let size = 0
    let seen = 0
    return {
      add(value) {
        if (!choose(kept, value, seen++)) return 0
        const before = size
        kept = value
        size = sizeOfValue(value)
        return size - before
      },
      result: () => kept,
    }
  }
}

function extreme(sign: 1 | -1): () => Accumulator {
  return keeping((kept, value) => !isNullish(value) && (kept === undefined || compareOperands(value, kept) * sign > 0))
}

function push(): Accumulator {
  const values: unknown[] = []
  return {
    add(value) {
      if (value === undefined) return 0
      values.push(value)
      return sizeOfValue(value)
    },
    result: () => values,
  }
}

function addToSet(): Accumulator {
  const values = new Map<string, unknown>()
  return {
    add(value) {
      if (value === undefined) return 0
      const key = encodeKey([value], [1]).toString('latin1')
      if (values.has(key)) return 0
      values.set(key, value)
      return sizeOfValue(value) + key.length
    },
    result: () => [...values.values()],
  }
}

function mergeObjects(): Accumulator {
  const result = {}
  return {
    add(value) {
      if (isNullish(value)) return 0
      if (!isDoc(value)) {
        throw new CommandError(
          'Location40400',
          `$mergeObjects requires object inputs, but input is of type ${typeOf(value)}`,
        )
      }
      for (const [field, inner] of Object.entries(value)) setField(result, field, inner)
      return sizeOfValue(value)
    },
    result: () => result,
  }
}

function counting(): Accumulator {
  let seen = 0
  return {
    add() {
      seen += 1
      return 0
    },
    result: () => countValue(seen),
  }
}

/** A count as MongoDB gives it: an Int32 while it fits. */
export function countValue(count: number): Int32 | Long {
  return count <= 0x7fffffff ? new Int32(count) : Long.fromNumber(count)
}

export const accumulators: Readonly<Record<string, (() => Accumulator) | undefined>> = {
  $sum: summing((sum) => sum.total()),
  $avg: summing((sum) => sum.average()),
  $min: extreme(-1),
  $max: extreme(1),
  $first: keeping((_kept, _value, place) => place === 0),
  $last: keeping(() => true),
  $push: push,
  $addToSet: addToSet,
  $mergeObjects: mergeObjects,
  $count: counting,
}
