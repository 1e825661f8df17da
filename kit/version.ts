import { existsSync, readFileSync } from 'node:fs'

/** The product's version, from the package.json above this file (one level up in sources, two in `dist`). */
export const productVersion: string = readVersion()

function readVersion(): string {
  const candidates = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url))
  const file = candidates.find((candidate) => existsSync(candidate))
  if (file === undefined) throw new Error('package.json is missing above the product')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
