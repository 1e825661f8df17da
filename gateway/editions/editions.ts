import { type Contracts, type DatedVersion, type OpenEdition, stateOfVersion } from '../../kit/contracts.ts'
import { CodedError } from '../../kit/errors.ts'

/** For so long before its end, answers of a version say when that is. */
const noticeDays = 90
const dayMs = 24 * 60 * 60 * 1_000

/** What is served below the path of the graph: contracts, and dated versions of them. */
export interface Editions {
  /** All that are declared, also those that do not answer now. */
  readonly names: readonly string[]
  /** Those that answer now: contracts, then versions, the oldest first. */
  openNow(): readonly OpenEdition[]
  /** Throws VERSION_UNKNOWN or VERSION_RETIRED unless it answers now. */
  open(name: string): void
  /** Headers by which answers tell which one they are of and when it ends, names and values in turn. */
  headersOf(name: string): readonly string[]
}

/** Knows the windows of versions. */
export function createEditions(
  { contracts, versions, path }: Contracts & { readonly path: string },
  now: () => Date,
): Editions {
  const byVersion = new Map(versions.map((version) => [version.version, version]))
  const names = [...contracts.map(({ name }) => name), ...byVersion.keys()]
  const known = new Set(names)
  const supported = (): DatedVersion[] => versions.filter((version) => stateOfVersion(version, now()) === 'SUPPORTED')
  /** The version after one, or the contract itself, which is always the newest. */
  const nextOf = ({ version, contract }: DatedVersion): string =>
    supported().find((other) => other.contract === contract && other.version > version)?.version ?? contract

  return {
    names,
    openNow() {
      const descriptions = new Map(contracts.map(({ name, description }) => [name, description]))
      return [
        ...contracts.map(({ name, description }) => ({ name, description, version: null })),
        ...supported().map((each) => ({
          name: each.version,
          description: descriptions.get(each.contract) ?? '',
          version: {
            contract: each.contract,
            until: each.until,
            endsSoon: now().getTime() >= noticedFrom(each),
            next: nextOf(each),
          },
        })),
      ]
    },
    open(name) {
      const version = byVersion.get(name)
      const state = version && stateOfVersion(version, now())
      if (!known.has(name) || state === 'ANNOUNCED') {
        const answering = [...contracts.map((contract) => contract.name), ...supported().map((each) => each.version)]
        const message =
          answering.length === 0
            ? `There is no version ${name}: the graph is at ${path}.`
            : `There is no version ${name}. There are ${answering.join(', ')}; ${path} itself is always the newest.`
        throw new CodedError('VERSION_UNKNOWN', message, { supported: answering })
      }
      if (version === undefined || state === 'SUPPORTED') return
      const next = nextOf(version)
      const message = `The version ${name} was retired on ${version.until}. Go on with ${path}/${next}.`
      throw new CodedError('VERSION_RETIRED', message, { version: name, retiredOn: version.until, next })
    },
    headersOf(name) {
      if (!known.has(name)) return []
      const own = ['x-tributary-version', name]
      const version = byVersion.get(name)
      if (version === undefined || stateOfVersion(version, now()) === 'ANNOUNCED') return own
      const noticed = noticedFrom(version)
      if (now().getTime() < noticed) return own
      return [
        ...own,
        // RFC 9745 and RFC 8594.
        'deprecation',
        `@${noticed / 1_000}`,
        'sunset',
        new Date(version.until).toUTCString(),
        'link',
        `<${path}/${nextOf(version)}>; rel="successor-version"`,
      ]
    },
  }
}

function noticedFrom({ until }: DatedVersion): number {
  return Date.parse(until) - noticeDays * dayMs
}

const longestName = 40
const pattern = /^[a-z0-9][a-z0-9-]*$/
const taken: ReadonlySet<string> = new Set(['stream'])

/** The name of what an address below a path asks for, known or not; null for any other address. */
export function editionIn(url: string, path: string): string | null {
  if (!url.startsWith(path) || url.charCodeAt(path.length) !== slash) return null
  const end = url.indexOf('?', path.length)
  const name = url.slice(path.length + 1, end < 0 ? undefined : end)
  return name.length <= longestName && pattern.test(name) && !taken.has(name) ? name : null
}

const slash = 47
