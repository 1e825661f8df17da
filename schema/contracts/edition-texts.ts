import { printSchema } from 'graphql'
import { type Contracts, type EditionTexts, isWhole } from '../../kit/contracts.ts'
import { apiOf, schemaOf } from '../checks/api-schema.ts'
import { compareSchemas } from '../checks/compare-schemas.ts'
import { contractSdl } from './contract-sdl.ts'
import { servableVersion } from './version-sdl.ts'

/** The schemas of all contracts and versions that can be served of a supergraph. */
export async function editionTexts(supergraphSdl: string, { contracts, versions }: Contracts): Promise<EditionTexts> {
  const sdls = new Map<string, string>()
  const problems: string[] = []
  const api = apiOf(supergraphSdl)
  for (const rule of contracts) {
    try {
      const outcome = isWhole(rule) ? { sdl: printSchema(api) } : contractSdl(supergraphSdl, rule)
      if ('sdl' in outcome) sdls.set(rule.name, outcome.sdl)
      else problems.push(...outcome.faults.map(({ message }) => `the contract ${rule.name}: ${message}`))
    } catch (error) {
      problems.push(`the contract ${rule.name}: ${reasonOf(error)}`)
    }
  }
  for (const { version, sdl } of versions) {
    try {
      const changes = await compareSchemas(schemaOf(sdl), api)
      sdls.set(version, servableVersion(sdl, changes))
      const broken = changes.filter(({ criticality }) => criticality === 'BREAKING')
      problems.push(...broken.slice(0, 20).map(({ message }) => `the version ${version}: ${message}`))
    } catch (error) {
      problems.push(`the version ${version}: ${reasonOf(error)}`)
    }
  }
  return { sdls, problems }
}

/** Whatever is thrown over one of them says nothing of the others. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
