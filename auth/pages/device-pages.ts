import { markup } from '../../kit/markup.ts'
import { page, problem } from './page.ts'

/** Asks for the code that a device shows. */
export function deviceCodePage(options: {
  readonly action: string
  readonly xsrf: string
  readonly userCode: string
  readonly refusal?: string | undefined
}): string {
  return page(
    'Connect a device',
    markup`<h1>Connect a device</h1>
      <p class="soft" id="hint">
        Enter the code that your device or terminal shows. Only go on if you began this yourself.
      </p>
      ${problem(options.refusal)}
      <form method="post" action="${options.action}">
        <input type="hidden" name="xsrf" value="${options.xsrf}" />
        <label for="user_code">Code</label>
        <input
          class="code"
          id="user_code"
          name="user_code"
          required
          maxlength="20"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          aria-describedby="hint"
          value="${options.userCode}"
        />
        <div class="actions"><button class="main">Continue</button></div>
      </form>`,
  )
}

/** Asks whether the device shows this very code: somebody else's code must not be accepted by a mere link. */
export function deviceConfirmPage(options: {
  readonly action: string
  readonly xsrf: string
  readonly userCode: string
  readonly appName: string
  readonly organizationName: string
}): string {
  const { action, xsrf, userCode, appName, organizationName } = options
  return page(
    'Is this your device?',
    markup`<h1>Does your device show this code?</h1>
      <p class="big">${userCode}</p>
      <p class="soft">
        <strong>${appName}</strong>, an app of ${organizationName}, wants to be connected. If you did not begin this on
        a device of yours, cancel: whoever did would act for you.
      </p>
      <form method="post" action="${action}">
        <input type="hidden" name="xsrf" value="${xsrf}" />
        <input type="hidden" name="user_code" value="${userCode}" />
        <div class="actions">
          <button class="main" name="confirm" value="yes">Yes, continue</button>
          <button name="abort" value="yes">Cancel</button>
        </div>
      </form>`,
  )
}
