export const lineFeed = 0x0a
export const carriageReturn = 0x0d
export const space = 0x20
export const comma = 0x2c
export const colon = 0x3a
export const semicolon = 0x3b

/** Bytes that a name of a header field may have (RFC 9110, section 5.6.2). */
export const inName = tableOf(/[!#$%&'*+\-.^_`|~\dA-Za-z]/)
/** Bytes that a value of a header field, or a reason, may have: RFC 9110, section 5.5, with the obsolete upper half. */
export const inValue = tableOf(/[\t\u0020-\u007E\u0080-\u00FF]/)

/** One for each byte that matches, so that a look is a load and no call. */
function tableOf(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0))
}

/** The value of a digit in decimal, or -1. */
export function digitOf(byte: number | undefined): number {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : -1
}

/** The value of a digit in hexadecimal, or -1. */
export function hexDigitOf(byte: number | undefined): number {
  if (byte === undefined) return -1
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : digitOf(byte)
}
