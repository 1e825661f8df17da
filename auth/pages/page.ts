import { createHash } from 'node:crypto'
import { Html, markup } from '../../kit/markup.ts'
import { pageStyle } from './page-style.ts'

const styleHash = createHash('sha256').update(pageStyle).digest('base64')

/** Headers of every answer that a browser may show. `formTargets`: where a form may lead besides this server. */
export function pageHeaders(formTargets: readonly string[] = []): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      `style-src 'sha256-${styleHash}'`,
      // A browser counts the redirects after a form as the form's targets: an app's address belongs to them.
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    // With `no-referrer` browsers would send no usable origin with our own forms.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  }
}

/** What `form-action` must name for a redirect URI: the origin, or the scheme of a native app. */
export function formTargetOf(redirectUri: string): string {
  const { origin, protocol } = new URL(redirectUri)
  return origin === 'null' ? protocol : origin
}

/** A whole page. */
export function page(title: string, body: Html, width: 'narrow' | 'wide' = 'narrow'): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Tributary</title>
<style>${new Html(pageStyle)}</style>
</head>
<body>
<main class="${width}">
<p class="brand">Tributary</p>
${body}
</main>
</body>
</html>
`.text
}

/** A message at the top of a form, announced by screen readers. */
export function problem(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : markup`<p class="problem" role="alert">${text}</p>`
}
