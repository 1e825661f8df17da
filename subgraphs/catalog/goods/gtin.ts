/**
 * A GTIN as it is kept: 13 digits, 14 where the first of them is not zero; null when the text is not a GTIN-8, -12, -13
 * or -14 or its check digit is wrong (GS1 General Specifications, 7.9). Spaces and dashes are passed over.
 */
export function normalGtin(text: string): string | null {
  const digits = text.replaceAll(/[\s-]/g, '')
  if (!/^(?:\d{8}|\d{12,14})$/.test(digits)) return null
  const padded = digits.padStart(14, '0')
  // The weights 3 and 1 alternate, and the check digit itself has weight 1.
  const sum = Array.from(padded).reduce((total, digit, place) => total + Number(digit) * (place % 2 === 0 ? 3 : 1), 0)
  if (sum % 10 !== 0 || sum === 0) return null
  return padded.startsWith('0') ? padded.slice(1) : padded
}
