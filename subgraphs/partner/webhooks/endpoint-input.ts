import { findTargetProblem, explainTarget } from '../../../kit/egress/check-target.ts'
import type { NetworkRules } from '../../../kit/egress/network-rules.ts'
import { eventTypeInfo } from '../../../kit/event-types.ts'
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
export function checkTypes(given: readonly string[], scopes: readonly string[], errors: InputErrors): string[] {
  const types = [...new Set(given)]
  if (types.length > mostTypes) errors.add(['types'], `An endpoint has at most ${mostTypes} types.`)
  for (const type of types.slice(0, mostTypes)) {
    const info = eventTypeInfo(type)
    if (info === undefined) {
      errors.add(
        ['types'],
        `There is no event type ${type.slice(0, 100)}; \`eventTypes\` lists them.`,
        'UNKNOWN_EVENT_TYPE',
      )
    } else if (!scopes.includes(info.scope)) {
      errors.add(['types'], `Events of type ${type} need the permission ${info.scope} of the app.`, 'SCOPE_MISSING')
    }
  }
  return types
}

export function checkDescription(given: string, errors: InputErrors): string {
  const text = given.trim()
  if (text.length > longestDescription)
    errors.add(['description'], `This has at most ${longestDescription} characters.`)
  return text
}
