import { createContext, Script } from 'node:vm'
import { CommandError } from '../../errors.ts'
import { shapeOf, type RegexShape } from './regex-cost.ts'

/** How long one expression may look at one text, in milliseconds, when it is not known to be quick. */
const regexTimeoutMs = 250

/** About how many steps are taken without a watch; setting one up costs as much as some ten thousand. */
const freeSteps = 100_000

/** So short a text that even tries that double by character stay below the free steps. */
const shortText = 16

const shapes = new WeakMap<RegExp, RegexShape>()
const room = createContext({ search: undefined as unknown })
const watched = new Script('search()')

/**
 * Looks for a match like `expression.exec`, but not for ever: JavaScript tries alternatives one after the other, and
 * an expression like `(a+)+b` has more of them than anybody can wait for.
 */
export function execBounded(expression: RegExp, text: string): RegExpExecArray | null {
  if (isQuick(expression, text.length)) return expression.exec(text)
  room['search'] = () => expression.exec(text)
  try {
    return watched.runInContext(room, { timeout: regexTimeoutMs }) as RegExpExecArray | null
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw new CommandError(
      'Location51156',
      `the regular expression /${expression.source}/ looks at one text of ${text.length} characters for longer than ${regexTimeoutMs} ms, the limit of the embedded database; make it simpler or set MONGODB_URI`,
    )
  } finally {
    room['search'] = undefined
  }
}

function isQuick(expression: RegExp, length: number): boolean {
  if (length <= shortText) return true
  let shape = shapes.get(expression)
  if (shape === undefined) {
    shape = shapeOf(expression.source)
    shapes.set(expression, shape)
  }
  return !shape.nested && length ** (shape.repetitions + 1) <= freeSteps
}
