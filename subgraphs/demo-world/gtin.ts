/** Appends the GS1 check digit to the first twelve digits of a GTIN-13. */
export function gtin13(firstTwelve: string): string {
  if (!/^\d{12}$/.test(firstTwelve)) throw new Error(`not twelve digits: ${firstTwelve}`)
  const sum = Array.from(firstTwelve).reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3),
    0,
  )
  return `${firstTwelve}${(10 - (sum % 10)) % 10}`
}
