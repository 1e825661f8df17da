import { readFile } from 'node:fs/promises'
import type { GraphClient } from '../../sdk/graph-client.ts'
import { RefusedError, UsageError } from '../usage-error.ts'
import { type CheckAnswer, checkFields } from './schema-check.ts'

/** A version of a subgraph, as the graph answers it. */
export interface VersionAnswer {
  readonly id: string
  readonly subgraph: string
  readonly number: number
  readonly state: string
  readonly url: string
  readonly reason: string
  readonly author: string
  readonly publishedAt: string
  readonly supergraphNumber: number
}

export const versionFields = 'id subgraph number state url reason author publishedAt supergraphNumber'

/** What publishing has come to; `version` is null when the checks have refused it. */
export interface Published {
  readonly version: VersionAnswer | null
  readonly check: CheckAnswer | null
}

interface Payload {
  readonly subgraphVersion: VersionAnswer | null
  readonly check: CheckAnswer | null
  readonly userErrors: readonly { readonly code: string; readonly message: string }[]
}

const mutations = {
  publishSubgraph: 'PublishSubgraphInput',
  rollBackSubgraph: 'RollBackSubgraphInput',
  retireSubgraph: 'RetireSubgraphInput',
} as const

/** Changes what is published. Refusals other than those of the checks are thrown. */
export async function changePublication(
  graph: GraphClient,
  mutation: keyof typeof mutations,
  input: Readonly<Record<string, unknown>>,
): Promise<Published> {
  const data = await graph.request<Record<string, Payload | null>>(
    `mutation ($input: ${mutations[mutation]}!) {
      ${mutation}(input: $input) { subgraphVersion { ${versionFields} } check { ${checkFields} } userErrors { code message } }
    }`,
    { input },
  )
  const payload = data[mutation]
  if (payload == null) throw new RefusedError('NOT_DONE', 'The graph has answered nothing.')
  const { subgraphVersion: version, check, userErrors } = payload
  const refusal = userErrors.find(({ code }) => code !== 'CHECK_FAILED' || check === null)
  if (refusal !== undefined) throw new RefusedError(refusal.code, refusal.message)
  return { version, check }
}

/** The SDL of a file. */
export async function readSdl(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--schema ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
}
