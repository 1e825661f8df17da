import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { PageCookie, PageRequest } from './web-page.ts'

const cookieName = 'trb_form'
const dayMs = 24 * 60 * 60 * 1000

/** Ties a form to the browser that it was shown to, where nobody is signed in: another site can send no such form. */
export interface FormToken {
  readonly csrf: string
  readonly cookies: readonly PageCookie[]
}

/** The token of a browser's forms; a browser that has none yet gets one. */
export function formToken(secret: Uint8Array, { cookie }: Pick<PageRequest, 'cookie'>): FormToken {
  const known = cookie(cookieName)
  const value = known ?? randomBytes(24).toString('base64url')
  const cookies = known === undefined ? [{ name: cookieName, value, path: '/oauth', maxAgeMs: dayMs }] : []
  return { csrf: tokenOf(secret, value), cookies }
}

/** Whether a form is one that we have shown to this browser. */
export function isOurForm(secret: Uint8Array, { cookie, form }: Pick<PageRequest, 'cookie' | 'form'>): boolean {
  const known = cookie(cookieName)
  return known !== undefined && isSameText(tokenOf(secret, known), form?.get('csrf') ?? '')
}

/** Compares without telling by its time where two texts differ. */
export function isSameText(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function tokenOf(secret: Uint8Array, value: string): string {
  return createHmac('sha256', secret).update(`form ${value}`).digest('base64url')
}
