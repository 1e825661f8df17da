import { markup } from '../../kit/markup.ts'
import { page } from './page.ts'

/** Tells something and asks nothing. */
export function messagePage(
  title: string,
  text: string,
  detail?: string,
  next?: { readonly href: string; readonly label: string },
): string {
  return page(
    title,
    markup`<h1>${title}</h1>
      <p>${text}</p>
      ${detail === undefined ? undefined : markup`<p class="soft">${detail}</p>`}
      ${next === undefined ? undefined : markup`<p><a class="button" href="${next.href}">${next.label}</a></p>`}`,
  )
}
