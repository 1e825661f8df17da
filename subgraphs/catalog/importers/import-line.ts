import type { ImportLine, ImportRefusal } from '../../../kit/background.ts'

/** Why a line cannot be applied. */
interface LineProblem {
  readonly column: string | null
  readonly code: string
  readonly message: string
}

/** Collects refusals, the first of each line. */
export interface Refusals {
  readonly list: readonly ImportRefusal[]
  refuse(line: ImportLine, problem: LineProblem): void
}

/** Begins to collect refusals. */
export function collectRefusals(): Refusals {
  const list: ImportRefusal[] = []
  return { list, refuse: ({ number }, problem) => void list.push({ line: number, ...problem }) }
}

/** A column of text without the spaces around it; null where the line leaves it out. */
export function textOf({ values }: ImportLine, column: string): string | null {
  const value = values[column]
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

/** A column of a whole number; null where the line leaves it out. */
export function wholeOf({ values }: ImportLine, column: string): number | null {
  const value = values[column]
  return typeof value === 'number' ? value : null
}

/** What is wrong with the length of a text that the line must have. */
export function lengthProblem(line: ImportLine, column: string, most: number): LineProblem | undefined {
  const text = textOf(line, column)
  if (text === null) return { column, code: 'REQUIRED', message: `${column} is empty.` }
  if (text.length > most) return { column, code: 'INVALID_INPUT', message: `${column} has over ${most} characters.` }
  return undefined
}

/** What is wrong with a whole number that the line may leave out. */
export function rangeProblem(
  line: ImportLine,
  column: string,
  [least, most]: readonly [number, number],
): LineProblem | undefined {
  const value = wholeOf(line, column)
  if (value === null || (Number.isInteger(value) && value >= least && value <= most)) return undefined
  return { column, code: 'INVALID_INPUT', message: `${column} must be a whole number from ${least} to ${most}.` }
}

/** The last line of each key, in the order of the file: lines of one batch that repeat a key are applied as one. */
export function lastByKey<Line>(lines: readonly Line[], keyOf: (line: Line) => string): Map<string, Line> {
  return new Map(lines.map((line) => [keyOf(line), line]))
}

/** Everybody else's lines are refused: the catalog is the operator's. */
export const operatorOnly: LineProblem = {
  column: null,
  code: 'FORBIDDEN',
  message: 'Only the platform operator may import this.',
}
