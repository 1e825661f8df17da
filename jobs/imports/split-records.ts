import type { ImportFormat } from './import-job.ts'

/** Text cut into whole records, and the begun record with which it ends. */
export interface SplitText {
  readonly records: readonly string[]
  readonly rest: string
}

/**
 * Cuts a text that begins at a record into records. A line break ends one unless it stands within quotes (RFC 4180);
 * a quote opens only at the beginning of a field, so that `5" pipe` is plain text. Empty lines are left out.
 */
export function splitRecords(text: string, format: ImportFormat, delimiter: string): SplitText {
  return format === 'NDJSON' ? splitLines(text) : splitCsv(text, delimiter.charCodeAt(0))
}

const newline = 10
const carriageReturn = 13
const quote = 34

function splitLines(text: string): SplitText {
  const lines = text.split('\n')
  const rest = lines.pop() ?? ''
  return { records: lines.map(withoutReturn).filter((line) => line.trim() !== ''), rest }
}

function splitCsv(text: string, delimiter: number): SplitText {
  const records: string[] = []
  let begin = 0
  let fieldBegins = true
  let quoted = false
  for (let place = 0; place < text.length; place += 1) {
    const character = text.charCodeAt(place)
    if (quoted) {
      if (character !== quote) continue
      if (text.charCodeAt(place + 1) === quote) place += 1
      else quoted = false
    } else if (character === quote && fieldBegins) {
      quoted = true
      fieldBegins = false
    } else if (character === newline) {
      const record = withoutReturn(text.slice(begin, place))
      if (record !== '') records.push(record)
      begin = place + 1
      fieldBegins = true
    } else fieldBegins = character === delimiter || (character === carriageReturn && fieldBegins)
  }
  return { records, rest: text.slice(begin) }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
