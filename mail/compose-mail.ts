import { type Html, markup } from '../kit/markup.ts'
import type { MailContent } from './templates.ts'

/** A mail as it is sent. */
export interface Mail {
  /** The same for every attempt, so that one which arrives twice can be told. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Text and HTML of the same words. Texts that partners have given are one line each and escaped. */
export function composeMail(
  { id, to, content }: { readonly id: string; readonly to: string; readonly content: MailContent },
  href: string | undefined,
): Mail {
  const subject = oneLine(content.subject).slice(0, 200)
  const paragraphs = content.paragraphs.map(plain)
  const action = href === undefined || content.action === undefined ? undefined : { label: content.action, href }
  const text = [
    ...paragraphs,
    ...(action ? [`${action.label}:\n${action.href}`] : []),
    ...(content.after ? [content.after] : []),
    'Tributary',
  ].join('\n\n')
  return { id, to, subject, text: `${text}\n`, html: htmlOf(subject, { ...content, paragraphs }, action) }
}

function htmlOf(
  subject: string,
  { paragraphs, after }: MailContent,
  action: { readonly label: string; readonly href: string } | undefined,
): string {
  const body: Html[] = [
    ...paragraphs.map(paragraph),
    ...(action ? [markup`<p><a href="${action.href}">${action.label}</a></p><p>${action.href}</p>`] : []),
    ...(after ? [paragraph(after)] : []),
  ]
  return markup`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${subject}</title></head>
<body style="font: 16px/1.5 sans-serif; max-width: 34em; margin: 1em auto; padding: 0 1em">
${body}
<p>Tributary</p>
</body>
</html>
`.text
}

function paragraph(text: string): Html {
  return markup`<p>${text}</p>`
}

// oxlint-disable-next-line eslint/no-control-regex -- these are what must not be there
const control = /[\u0000-\u001f\u007f\u2028\u2029]+/g

function oneLine(text: string): string {
  return text.replaceAll(control, ' ').trim()
}

/** Lines may stay within a paragraph, other control characters go. */
function plain(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map(oneLine)
    .join('\n')
}
