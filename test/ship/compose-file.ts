import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface ComposeService {
  readonly command?: readonly string[]
  readonly image?: string
  readonly environment?: Readonly<Record<string, string | number>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly ports?: readonly string[]
  readonly healthcheck?: object
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>
}

export const root = new URL('../../', import.meta.url)

/** docker-compose.yml with its merges and with `${NAME:-default}` and `${NAME:?message}` filled in as compose does. */
export function readComposeFile(environment: Readonly<Record<string, string>>): ComposeFile {
  const text = readFileSync(new URL('docker-compose.yml', root), 'utf8')
  const filled = text.replaceAll(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_all, name: string, kind?: string, rest = ''): string => {
      const value = environment[name]
      if (value) return value
      if (kind === '-') return rest
      throw new Error(`docker-compose.yml needs ${name}: ${rest}`)
    },
  )
  return parse(filled, { merge: true }) as ComposeFile
}
