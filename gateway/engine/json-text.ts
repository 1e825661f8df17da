// Control characters are what it is about.
/* oxlint-disable no-control-regex */
/** What must be escaped in a JSON string; lone surrogates as well, as JSON.stringify does. */
const escaped = /["\\\u0000-\u001f\ud800-\udfff]/
/** A longer string is scanned faster by JSON.stringify than by the expression above. */
const longString = 64

/** The JSON text of a string. */
export function stringText(value: string): string {
  return value.length < longString && !escaped.test(value) ? `"${value}"` : JSON.stringify(value)
}

/** The JSON text of any value that JSON has; `null` for what it has not. */
export function jsonText(value: unknown): string {
  if (typeof value === 'string') return stringText(value)
  // Undefined for a function or symbol, which no subgraph of another process can send.
  return JSON.stringify(value) ?? 'null'
}
