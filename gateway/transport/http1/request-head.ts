/** What a value of a header field may not have: whoever could write a line break could write a request. */
const notInValue = /[^\t\u0020-\u007E]/

/** The text of header fields. Throws a TypeError for a value that is not of visible ASCII. */
export function headerLines(headers: Readonly<Record<string, string>>): string {
  let lines = ''
  for (const name in headers) {
    const value = headers[name] as string
    if (notInValue.test(value)) throw new TypeError(`a value of the header ${name} cannot be sent`)
    lines += `${name}: ${value}\r\n`
  }
  return lines
}
