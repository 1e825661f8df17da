/** What decides how long a regular expression may look for a match. */
export type RegexShape = {
  /** How many places of the expression may repeat or be left out. */
  readonly repetitions: number
  /** Whether a repeated group can itself match one text in several ways, so that the tries may double by character. */
  readonly nested: boolean
}

const token = /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<\w+>))?|\)|\||(?:[*+?]|\{\d+(?:,\d*)?\})\??|./gsu

/** Reads the shape of a JavaScript expression's source. */
export function shapeOf(source: string): RegexShape {
  const open: { ambiguous: boolean }[] = []
  let repetitions = 0
  let nested = false
  let closed: { ambiguous: boolean } | undefined
  for (const [part] of source.matchAll(token)) {
    const before = closed
    closed = undefined
    if (part.startsWith('(')) {
      open.push({ ambiguous: false })
    } else if (part === ')') {
      closed = open.pop()
      const outer = open.at(-1)
      if (closed?.ambiguous === true && outer !== undefined) outer.ambiguous = true
    } else if (part === '|') {
      mark(open)
    } else if (/^[*+?{]/.test(part)) {
      repetitions++
      nested ||= before?.ambiguous === true && !part.startsWith('?')
      mark(open)
    }
  }
  return { repetitions, nested }
}

function mark(open: readonly { ambiguous: boolean }[]): void {
  const group = open.at(-1)
  if (group !== undefined) group.ambiguous = true
}
