import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson'
import * as fc from 'fast-check'

const int32 = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer()).map((number) => new Int32(number))
const long = fc
  .oneof(
    fc.bigInt({ min: -3n, max: 3n }),
    fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  )
  .map((number) => Long.fromBigInt(number))
const double = fc
  .oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.double(),
    fc.constantFrom(0.1, -0, 2 ** 53, 2 ** 63, -(2 ** 63), 1e308, 5e-324, Number.NaN, Infinity, -Infinity),
  )
  .map((number) => new Double(number))
const decimal = fc
  .oneof(
    fc.tuple(fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }), fc.integer({ min: -6176, max: 6111 })),
    fc.tuple(fc.bigInt({ min: -30n, max: 30n }), fc.integer({ min: -1, max: 1 })),
    fc.constantFrom([9007199254740993n, 0] as const, [1n, -1] as const, [5n, -324] as const, [1n, 6000] as const),
  )
  .map(([coefficient, exponent]) => Decimal128.fromString(`${coefficient}E${exponent}`))
const specialDecimal = fc
  .constantFrom('NaN', 'Infinity', '-Infinity', '0', '-0')
  .map((text) => Decimal128.fromString(text))

/** Any BSON number. */
export const arbitraryNumber = fc.oneof(int32, long, double, decimal, specialDecimal)

const text = fc.oneof(
  fc.string({ maxLength: 4, unit: fc.constantFrom('a', 'b', '\0', '\u0001', '\ue000', '\ud83d\ude00', '\uffff', 'é') }),
  fc.string({ maxLength: 6, unit: 'binary-ascii' }),
)

const scalar = fc.oneof(
  { weight: 4, arbitrary: arbitraryNumber },
  { weight: 3, arbitrary: text },
  fc.constantFrom<unknown>(null, true, false, new MinKey(), new MaxKey()),
  fc.integer({ min: -5, max: 5 }).map((number) => new Date(number)),
  fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })).map(([t, i]) => new Timestamp({ t, i })),
  fc.uint8Array({ maxLength: 3 }).map((bytes) => new Binary(bytes)),
  fc.integer({ min: 0, max: 9 }).map((digit) => new ObjectId(String(digit).repeat(24))),
  fc.constantFrom('a', 'b').map((pattern) => new BSONRegExp(pattern, pattern === 'a' ? 'i' : '')),
)

/** Any BSON value, arrays and documents a few levels deep. */
export const arbitraryValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('value'), { maxKeys: 3 })
      .map((fields) => ({ ...fields })),
  ),
})).value
