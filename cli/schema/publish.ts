import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type GraphClient, GraphError } from '../../sdk/graph-client.ts'
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

const mostTries = 3

/** Changes what is published. Refusals other than those of the checks are thrown. */
export async function changePublication(
  graph: GraphClient,
  mutation: keyof typeof mutations,
  input: Readonly<Record<string, unknown>>,
): Promise<Published> {
  const data = await patiently(graph, {
    query: `mutation ($input: ${mutations[mutation]}!, $key: String) {
      ${mutation}(input: $input, idempotencyKey: $key) {
        subgraphVersion { ${versionFields} } check { ${checkFields} } userErrors { code message }
      }
    }`,
    variables: { input, key: randomUUID() },
  })
  const payload = data[mutation]
  if (payload == null) throw new RefusedError('NOT_DONE', 'The graph has answered nothing.')
  const { subgraphVersion: version, check, userErrors } = payload
  const refusal = userErrors.find(({ code }) => code !== 'CHECK_FAILED' || check === null)
  if (refusal !== undefined) throw new RefusedError(refusal.code, refusal.message)
  return { version, check }
}

/** Checks of a large graph on a busy machine outlast a request; the same key gives the same answer, and one effect. */
async function patiently(
  graph: GraphClient,
  { query, variables }: { readonly query: string; readonly variables: Readonly<Record<string, unknown>> },
): Promise<Record<string, Payload | null>> {
  for (let left = mostTries - 1; ; left -= 1) {
    try {
      // Each try waits for the one before.
      return await graph.request<Record<string, Payload | null>>(query, variables)
    } catch (error) {
      const passing = error instanceof GraphError && error.code.startsWith('SUBGRAPH_')
      if (!passing || left === 0) throw error
    }
  }
}

/** The SDL of a file. */
export async function readSdl(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--schema ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
}
