import { findTargetProblem, explainTarget } from '../../../kit/egress/check-target.ts'
import type { NetworkRules } from '../../../kit/egress/network-rules.ts'
import { type EventTypeReader, type EventTypeRegister, eventTypeProblems } from '../../../kit/declared-event-types.ts'
import type { InputErrors } from '../input.ts'

const longestDescription = 500
const mostTypes = 250

/** The URL as it will be called. */
export function checkUrl(given: string, networks: NetworkRules, errors: InputErrors): string {
  const text = given.trim()
  const problem = findTargetProblem(text, networks)
  if (problem !== undefined) {
    errors.add(['url'], explainTarget(problem), 'FORBIDDEN_URL')
    return text
  }
  const url = new URL(text)
  url.hash = ''
  return url.href
}

/** The types that an endpoint gets, each once; empty for all that its app may read. */
export async function checkTypes(
  given: readonly string[],
  { declared, reader, errors }: { declared: EventTypeRegister; reader: EventTypeReader; errors: InputErrors },
): Promise<string[]> {
  const types = [...new Set(given)]
  if (types.length > mostTypes) errors.add(['types'], `An endpoint has at most ${mostTypes} types.`)
  for (const { scope, message } of await eventTypeProblems(declared, reader, types.slice(0, mostTypes))) {
    errors.add(['types'], message, scope === null ? 'UNKNOWN_EVENT_TYPE' : 'SCOPE_MISSING')
  }
  return types
}

export function checkDescription(given: string, errors: InputErrors): string {
  const text = given.trim()
  if (text.length > longestDescription)
    errors.add(['description'], `This has at most ${longestDescription} characters.`)
  return text
}
