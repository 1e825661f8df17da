import { type Html, markup } from '../../kit/markup.ts'
import type { CallAnswer } from '../account/first-call.ts'
import { type AccountFrame, accountPage, csrfField } from './account-page.ts'

export interface FirstCall {
  readonly appId: string
  readonly appName: string
  readonly key: string
  readonly query: string
  readonly curl: string
  /** True on the one page that shows a new key. */
  readonly isNew: boolean
  /** What the graph answered; null where it could not be reached; undefined before the first call. */
  readonly answer?: CallAnswer | null
  readonly refusals?: readonly { readonly message: string }[]
}

/** A new key, and a call with it. */
export function firstCallPage(frame: AccountFrame, call: FirstCall): string {
  const { appId, appName, key, query, curl, isNew, answer, refusals = [] } = call
  const shown = markup`<p class="done" role="status">This is the key. It is shown here only: copy it now and keep it as you keep a password.</p>`
  const body = markup`${isNew ? shown : undefined}
    <form method="post" action="/oauth/account/first-call">
      ${csrfField(frame.csrf)}
      <input type="hidden" name="app" value="${appId}" />
      <label for="key">Key</label>
      <input class="key" id="key" name="key" value="${key}" autocomplete="off" spellcheck="false" required maxlength="200" />
      <label for="query">Query</label>
      <textarea id="query" name="query" rows="7" required maxlength="8000" spellcheck="false">${query}</textarea>
      <div class="actions"><button class="main">Make the call</button></div>
    </form>
    ${answer === undefined ? undefined : answerOf(answer)}
    <h2>The same from a terminal</h2>
    <pre tabindex="0">${curl}</pre>
    <p><a href="/oauth/account/app?id=${appId}">Back to ${appName}</a></p>`
  return accountPage(frame, { title: isNew ? `A key of ${appName}` : `Call with ${appName}`, body, refusals })
}

function answerOf(answer: CallAnswer | null): Html {
  if (answer === null) {
    return markup`<p class="problem" role="alert">The graph cannot be reached from here. Make the call from a terminal.</p>`
  }
  const { status, text, cost, left } = answer
  return markup`<h2 id="answer">The answer</h2>
    <p role="status">HTTP ${String(status)}. ${cost ? `It cost ${String(cost.actual)} points; ${String(cost.left)} of ${String(cost.most)} are left.` : undefined}</p>
    ${
      left.length > 0
        ? markup`<ul>${left.map(({ name, remaining }) => markup`<li>${name}: ${String(remaining)} left</li>`)}</ul>`
        : undefined
    }
    <pre tabindex="0">${text}</pre>`
}
