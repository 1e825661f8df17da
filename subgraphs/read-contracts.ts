import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'graphql'
import { z } from 'zod'
import { ConfigError } from '../kit/config-error.ts'
import type { Contracts } from '../kit/contracts.ts'

const day = z.iso.date()
const tags = z.array(z.string().min(1)).default([])
/** What is below `/graphql` besides. */
const reserved: ReadonlySet<string> = new Set(['stream'])

const fileSchema = z.strictObject({
  contracts: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must have 1 to 40 lower-case letters, digits and dashes')
          .refine((name) => !reserved.has(name), 'is a path of the graph itself'),
        description: z.string(),
        include: tags,
        exclude: tags,
        excludeScopes: tags,
      }),
    )
    .max(20),
  versions: z
    .array(
      z
        .strictObject({
          version: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a year and a month, such as 2026-10'),
          contract: z.string(),
          from: day,
          until: day,
        })
        .refine(({ from, until }) => from < until, 'ends before it begins'),
    )
    .max(20),
})

const shippedFile = fileURLToPath(new URL('../schema/contracts/contracts.json', import.meta.url))

/**
 * Reads the declared contracts and versions, and the schemas of versions, which lie beside the file as
 * `<version>.graphql`. Throws ConfigError naming what cannot be used.
 */
export function readContracts(file: string = shippedFile): Contracts {
  const parsed = fileSchema.safeParse(readJson(file))
  if (!parsed.success) {
    const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new ConfigError(`CONTRACTS ${file} cannot be used.\n  ${reasons.join('\n  ')}`)
  }
  const { contracts, versions } = parsed.data
  const names = [...contracts.map(({ name }) => name), ...versions.map(({ version }) => version)]
  const twice = names.find((name, place) => names.indexOf(name) !== place)
  if (twice !== undefined) throw new ConfigError(`CONTRACTS ${file} declares ${twice} twice.`)
  const homeless = versions.find(({ contract }) => !contracts.some(({ name }) => name === contract))
  if (homeless) throw new ConfigError(`CONTRACTS ${file}: ${homeless.version} is of no contract in it.`)
  return {
    contracts,
    versions: versions
      .toSorted((a, b) => (a.version < b.version ? -1 : 1))
      .map((version) => ({ ...version, sdl: readSchema(resolve(dirname(file), `${version.version}.graphql`)) })),
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw unreadable(file, error)
  }
}

function readSchema(file: string): string {
  try {
    const sdl = readFileSync(file, 'utf8')
    parse(sdl, { noLocation: true })
    return sdl
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(file: string, error: unknown): ConfigError {
  const reason = error instanceof Error ? error.message : String(error)
  return new ConfigError(`CONTRACTS: ${file} cannot be read: ${reason}`, { cause: error })
}
