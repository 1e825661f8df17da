import type { Binary, BSONRegExp, BSONSymbol, Code, ObjectId, Timestamp } from 'bson'
import type { Doc } from './bson.ts'
import { bytesOf, rankOf, typeRanks } from './compare-values.ts'
import { encodeNumber } from './encode-number.ts'
import type { KeyBytes } from './key-bytes.ts'

/** Appends a value so that the bytes of two values compare as the values do and none is a prefix of another. */
export function encodeValue(key: KeyBytes, value: unknown): void {
  const rank = rankOf(value)
  // One more than the rank, because 0 ends arrays and objects.
  key.byte(rank + 1)
  encodeOfRank(key, rank, value)
}

function encodeOfRank(key: KeyBytes, rank: number, value: unknown): void {
  switch (rank) {
    case typeRanks.int:
      return encodeNumber(key, value)
    case typeRanks.string:
      return key.text(typeof value === 'string' ? value : (value as BSONSymbol).value)
    case typeRanks.object:
      return encodeObject(key, value as Doc)
    case typeRanks.array:
      for (const element of value as unknown[]) encodeValue(key, element)
      return key.byte(0)
    case typeRanks.binData: {
      const binary = value as Binary
      key.uint32(binary.length())
      key.byte(binary.sub_type)
      return key.bytes(bytesOf(binary))
    }
    case typeRanks.objectId:
      return key.bytes((value as ObjectId).id)
    case typeRanks.bool:
      return key.byte(value === true ? 1 : 0)
    case typeRanks.date:
      return key.double((value as Date).getTime())
    case typeRanks.timestamp: {
      const { high, low } = value as Timestamp
      key.uint32(high >>> 0)
      return key.uint32(low >>> 0)
    }
    case typeRanks.regex: {
      const { pattern, options } = value as BSONRegExp
      key.text(pattern)
      return key.text(options)
    }
    case typeRanks.javascript:
      return key.text((value as Code).code)
    case typeRanks.javascriptWithScope:
      key.text((value as Code).code)
      return encodeObject(key, (value as Code).scope as Doc)
  }
}

function encodeObject(key: KeyBytes, doc: Doc): void {
  for (const [field, value] of Object.entries(doc)) {
    const rank = rankOf(value)
    // MongoDB compares a field's type before its name and its name before its value.
    key.byte(rank + 1)
    key.text(field)
    encodeOfRank(key, rank, value)
  }
  key.byte(0)
}
