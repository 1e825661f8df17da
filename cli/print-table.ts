/** What a table shows in one place; nothing is a dash. */
export type Cell = string | number | null

/** White space, and what would steer the terminal: names are written by partners. */
const unprintable = /[\s\p{Cc}\p{Cf}]+/gu

/** A text of others as one line that does nothing but show. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, ' ')
}

/** Rows as aligned columns under a header; an empty list as one line that says so. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return 'None.'
  const lines = [header, ...rows.map((row) => row.map((cell) => printable(String(cell ?? '-'))))]
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
