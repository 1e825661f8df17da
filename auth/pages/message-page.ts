import { html } from './html.ts'
import { page } from './page.ts'

/** Tells something and asks nothing. */
export function messagePage(title: string, text: string, detail?: string): string {
  return page(
    title,
    html`<h1>${title}</h1>
      <p>${text}</p>
      ${detail === undefined ? undefined : html`<p class="soft">${detail}</p>`}`,
  )
}
