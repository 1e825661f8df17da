import { markup } from '../../kit/markup.ts'
import { page, problem } from './page.ts'
import { type DeclaredWords, signInWords, wordsOf } from './scope-words.ts'

/** Asks a person whether an app may act for it, naming the app, its organization and every scope. */
export function consentPage(options: {
  readonly appName: string
  readonly appOrganization: string
  readonly person: {
    readonly name: string
    readonly email: string
    readonly organizationName: string
    readonly roleScopes: readonly string[]
  }
  readonly scopes: readonly string[]
  readonly declared: DeclaredWords
  /** Where the browser goes afterwards; undefined for a device. */
  readonly destination: string | undefined
  readonly csrf: string
  readonly refusal?: string | undefined
}): string {
  const { appName, appOrganization, person, scopes, declared, destination, csrf, refusal } = options
  const mayGive = (scope: string) => scope in signInWords || person.roleScopes.includes(scope)
  return page(
    `Allow ${appName}?`,
    markup`<h1>Allow ${appName} to act for you?</h1>
      <p class="soft">
        ${appName} is an app of <strong>${appOrganization}</strong>. It would act for you at
        <strong>${person.organizationName}</strong> and could:
      </p>
      ${problem(refusal)}
      <ul class="scopes">
        ${scopes.map(
          (scope) =>
            markup`<li>${wordsOf(scope, declared)}${mayGive(scope) ? '' : ' (not with your role: the app cannot either)'}<code>${scope}</code></li>`,
        )}
      </ul>
      <p class="soft">
        ${
          destination === undefined
            ? markup`The device on which you began goes on by itself.`
            : markup`You go on to <strong>${destination}</strong> afterwards.`
        }
        You can take this back at any time.
      </p>
      <form method="post">
        <input type="hidden" name="csrf" value="${csrf}" />
        <div class="actions">
          <button class="main" name="action" value="allow">Allow</button>
          <button name="action" value="refuse">Refuse</button>
        </div>
        <p class="soft switch">
          Signed in as ${person.name} (${person.email}).
          <button class="link" name="action" value="switch">Use another account</button>
        </p>
      </form>`,
  )
}
