export const mostRedirectUris = 10

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * What is wrong with a redirect URI; undefined when nothing is. They are compared letter by letter (RFC 9700, section
 * 2.1), so each must be in the one form in which a URL parser writes it: https, http on the loopback interface, or a
 * scheme of a native app with a dot in it (RFC 8252, sections 7.1 and 7.3).
 */
export function redirectUriProblem(text: string): string | undefined {
  if (text.length > 500 || !URL.canParse(text)) return 'This is no absolute address of at most 500 characters.'
  const { href, protocol, hostname, hash, username, password } = new URL(text)
  if (text.includes('#') || hash !== '') return 'A redirect URI has no fragment.'
  if (text.includes('*')) return 'A redirect URI has no wildcards; register each address.'
  if (username !== '' || password !== '') return 'A redirect URI names no user.'
  const native = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(protocol)
  if (!native && protocol !== 'https:' && !(protocol === 'http:' && loopback.has(hostname))) {
    return 'A redirect URI is https, http on localhost, 127.0.0.1 or [::1], or a scheme such as com.example.app.'
  }
  return href === text ? undefined : `Write it in its plain form: ${href}`
}
