/* eslint-disable no-console -- what is silenced here writes there */

/**
 * Loads oidc-provider when it is first needed: it is a good part of the modules and memory of a process, and most starts
 * never serve a sign-in. It declares Node.js 22 and says so on the console of 20, where all that is used of it works and
 * is tested; that one line is left out. The only importer of the package's code.
 */
export async function loadOidcProvider(): Promise<typeof import('oidc-provider')> {
  // Came to Node.js 20 after 20.19.
  if (!('parse' in URL)) Object.defineProperty(URL, 'parse', { value: parseUrl })
  const { warn } = console
  console.warn = (...told: unknown[]) => {
    if (!String(told[0]).includes('Unsupported runtime')) warn(...told)
  }
  try {
    return await import('oidc-provider')
  } finally {
    console.warn = warn
  }
}

function parseUrl(text: string, base?: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null
}
