import type { DeclaredScope } from '../declared-scopes/declared-scopes.ts'
import type { InputErrors } from '../input.ts'
import { allowedScopes } from '../organizations/allowed-scopes.ts'
import type { Organization } from '../organizations/organizations.ts'
import { mostRedirectUris, redirectUriProblem } from './redirect-uris.ts'

/** The name of an app, its words for others, and what it may do, as an input gives them. */
export interface AppInput {
  readonly name?: string | null
  readonly description?: string | null
  readonly scopes?: readonly string[] | null
  readonly redirectUris?: readonly string[] | null
}

interface CheckedApp {
  name?: string
  description?: string
  scopes?: string[]
  redirectUris?: string[]
}

/** Checks what is given of an app and notes what is wrong; what is left out or null is not looked at. */
export function checkApp(
  input: AppInput,
  owner: { readonly organization: Organization; readonly declared: readonly DeclaredScope[] },
  errors: InputErrors,
): CheckedApp {
  const app: CheckedApp = {}
  if (input.name != null) app.name = errors.text(['name'], input.name, 100)
  if (input.description != null) {
    app.description = input.description.trim()
    if (app.description.length > 2_000) errors.add(['description'], 'This has at most 2000 characters.')
  }
  if (input.scopes != null)
    app.scopes = checkScopes(input.scopes, allowedScopes(owner.organization, owner.declared), errors)
  if (input.redirectUris != null) app.redirectUris = checkRedirectUris(input.redirectUris, errors)
  return app
}

function checkScopes(given: readonly string[], allowed: readonly string[], errors: InputErrors): string[] {
  const scopes = [...new Set(given)].toSorted()
  if (scopes.length === 0) errors.add(['scopes'], 'An app has at least one scope.')
  if (scopes.some((scope) => !allowed.includes(scope))) {
    errors.add(['scopes'], `Apps of this organization may have ${allowed.join(', ')}.`, 'SCOPE_NOT_ALLOWED')
  }
  return scopes
}

function checkRedirectUris(given: readonly string[], errors: InputErrors): string[] {
  const uris = [...new Set(given)]
  if (uris.length > mostRedirectUris) {
    errors.add(['redirectUris'], `There are at most ${mostRedirectUris}.`)
    return uris
  }
  for (const [index, uri] of given.slice(0, mostRedirectUris).entries()) {
    const problem = redirectUriProblem(uri)
    if (problem !== undefined) errors.add(['redirectUris', String(index)], problem, 'INVALID_REDIRECT_URI')
  }
  return uris
}
