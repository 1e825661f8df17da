import { type Html, markup } from '../../kit/markup.ts'
import type { AppPlan, OwnApp } from '../account/account-desk.ts'
import type { AskedField } from '../sign-up/desk.ts'
import { type AccountFrame, accountPage, csrfField } from './account-page.ts'
import { extraField, textField } from './form-fields.ts'
import { type DeclaredWords, wordsOf } from './scope-words.ts'

/** The apps of an organization. */
export function appsPage(
  frame: AccountFrame,
  options: {
    readonly apps: readonly OwnApp[]
    readonly plans: ReadonlyMap<string, AppPlan>
    readonly managesApps: boolean
  },
): string {
  const { apps, plans, managesApps } = options
  const create = managesApps
    ? markup`<p><a class="button" href="/oauth/account/new-app">Create an app</a></p>`
    : markup`<p class="soft">Apps are made by members who are ADMIN or DEVELOPER.</p>`
  const list = markup`<div class="scroll"><table>
        <thead><tr><th scope="col">App</th><th scope="col">Works on</th><th scope="col">Plan</th><th scope="col">Live keys</th></tr></thead>
        <tbody>${apps.map(
          (app) => markup`<tr>
            <td><a href="/oauth/account/app?id=${app.id}">${app.name}</a></td>
            <td>${app.environment === 'LIVE' ? 'live data' : 'sandbox'}</td>
            <td>${plans.get(app.id)?.name ?? ''}</td>
            <td>${String(liveKeys(app).length)}</td>
          </tr>`,
        )}</tbody>
      </table></div>`
  const none = markup`<p>An app is a program of yours that calls the graph. Create the first one, make a key, and call.</p>`
  return accountPage(frame, { title: 'Your apps', body: markup`${apps.length > 0 ? list : none}${create}` })
}

/** The form of a new app. */
export function newAppPage(
  frame: AccountFrame,
  options: {
    readonly once: string
    readonly scopes: readonly string[]
    readonly declared: DeclaredWords
    readonly extraFields: readonly AskedField[]
    readonly form: URLSearchParams | null
    readonly refusals: readonly { readonly message: string }[]
  },
): string {
  const { once, scopes, declared, extraFields, form, refusals } = options
  const chosen = form === null ? scopes.filter((scope) => scope.endsWith(':read')) : form.getAll('scope')
  const environment = form?.get('environment') ?? 'SANDBOX'
  const radio = (value: string, label: string, hint: string): Html => markup`<label class="choice">
    <input type="radio" name="environment" value="${value}"${value === environment ? markup` checked` : undefined} />
    <span>${label}<small>${hint}</small></span></label>`
  const body = markup`<form method="post" action="/oauth/account/new-app">
      ${csrfField(frame.csrf)}
      <input type="hidden" name="once" value="${once}" />
      ${textField({ name: 'name', label: 'Name', value: form?.get('name') ?? '', maxlength: 100 })}
      <fieldset><legend>Works on</legend>
        ${radio('SANDBOX', 'Sandbox', 'Made-up data to build and test with.')}
        ${radio('LIVE', 'Live data', 'The real business.')}
      </fieldset>
      <fieldset><legend>What it may do</legend>
        ${scopes.map(
          (scope) => markup`<label class="choice">
          <input type="checkbox" name="scope" value="${scope}"${chosen.includes(scope) ? markup` checked` : undefined} />
          <span>${wordsOf(scope, declared)}<small><code>${scope}</code></small></span></label>`,
        )}
      </fieldset>
      ${extraFields.map((field) => extraField(field, form?.get(`x_${field.key}`) ?? ''))}
      <div class="actions"><button class="main">Create the app</button></div>
    </form>`
  return accountPage(frame, { title: 'Create an app', body, refusals })
}

/** One app with its keys. */
export function appPage(
  frame: AccountFrame,
  options: {
    readonly app: OwnApp
    readonly declared: DeclaredWords
    readonly plan: AppPlan | undefined
    readonly once: string
    readonly managesApps: boolean
    readonly refusals: readonly { readonly message: string }[]
  },
): string {
  const { app, declared, plan, once, managesApps, refusals } = options
  const keys = liveKeys(app)
  const revoke = (id: string, label: string): Html | undefined =>
    managesApps
      ? markup`<form method="post" action="/oauth/account/app">${csrfField(frame.csrf)}<input type="hidden" name="id" value="${app.id}" />
        <input type="hidden" name="credential" value="${id}" /><button name="action" value="revoke-key" aria-label="Revoke ${label}">Revoke</button></form>`
      : undefined
  const list = markup`<div class="scroll"><table>
      <thead><tr><th scope="col">Key</th><th scope="col">Begins with</th><th scope="col">Last used</th><th scope="col">Change</th></tr></thead>
      <tbody>${keys.map(
        (key) => markup`<tr><td>${key.label}</td><td><code>${key.prefix}</code></td>
          <td>${key.lastUsedAt?.slice(0, 10) ?? 'never'}</td><td>${revoke(key.id, key.label)}</td></tr>`,
      )}</tbody></table></div>`
  const create = markup`<form method="post" action="/oauth/account/app">
      ${csrfField(frame.csrf)}
      <input type="hidden" name="id" value="${app.id}" />
      <input type="hidden" name="once" value="${once}" />
      ${textField({ name: 'label', label: 'Name of a new key', value: keys.length === 0 ? 'first key' : '', maxlength: 100 })}
      <div class="actions"><button class="main" name="action" value="create-key">Create the key</button></div>
    </form>`
  const body = markup`<p>App id <code>${app.id}</code>, ${app.environment === 'LIVE' ? 'live data' : 'sandbox'}. ${planWords(plan)}</p>
    <h2>Keys</h2>
    ${keys.length > 0 ? list : markup`<p>It has no key yet.</p>`}
    ${managesApps ? create : undefined}
    <h2>What it may do</h2>
    <ul class="scopes">${app.scopes.map((scope) => markup`<li>${wordsOf(scope, declared)}<code>${scope}</code></li>`)}</ul>`
  return accountPage(frame, { title: app.name, body, refusals })
}

function liveKeys({ credentials }: OwnApp) {
  return credentials.filter(({ status }) => status === 'ACTIVE')
}

function planWords(plan: AppPlan | undefined): string {
  if (plan === undefined) return ''
  const { name, limits } = plan
  const calls = limits.monthlyCalls === null ? '' : `, ${String(limits.monthlyCalls)} calls a month`
  return `Plan ${name}: ${limits.readOnly ? 'reads only' : 'reads and writes'}${calls}.`
}
