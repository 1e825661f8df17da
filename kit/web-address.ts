/**
 * True for an http or https address of at most so many characters that names no user: only what a browser opens as a
 * page, because a portal shows it as a link, where `javascript:` would run and `https://bank.example@evil.example`
 * mislead.
 */
export function isWebAddress(text: string, longest = 2_000): boolean {
  if (text.length > longest || !URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}
