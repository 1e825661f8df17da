import { isDeepStrictEqual } from 'node:util'

type Path = readonly (string | number)[]

interface Compared {
  readonly data?: unknown
  readonly errors: readonly { readonly path?: Path | undefined }[]
}

/**
 * What differs between the answer of the gateway and that of graphql-js over one schema; null when nothing does that
 * should not. Data must be equal. So must the places of errors, but for those below a place that has become null as a
 * whole: graphql-js stops at the first error that empties it, and the gateway tells those of all subgraphs that it
 * asked at the same time, or has not asked the next for what was gone by then.
 */
export function difference(gateway: Compared, whole: Compared): string | null {
  const data = plain(whole.data)
  if (!isDeepStrictEqual(plain(gateway.data), data)) return 'the data'
  const theirs = gateway.errors.map(({ path }) => path)
  const ours = whole.errors.map(({ path }) => path)
  const unexpected = theirs.find((path) => !has(ours, path) && !isBelowNull(data, path))
  if (unexpected !== undefined) return `an error at ${JSON.stringify(unexpected)} too many`
  const missing = ours.find((path) => !has(theirs, path) && !isBelowNull(data, path))
  return missing === undefined ? null : `no error at ${JSON.stringify(missing)}`
}

function plain(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data ?? null))
}

function has(paths: readonly (Path | undefined)[], path: Path | undefined): boolean {
  return paths.some((other) => isDeepStrictEqual(other, path))
}

/** Whether something on the way to a place is null. */
function isBelowNull(data: unknown, path: Path | undefined): boolean {
  let value = data
  for (const step of path ?? []) {
    if (value === null) return true
    value = typeof value === 'object' ? (value as Record<string | number, unknown>)[step] : undefined
  }
  return false
}
