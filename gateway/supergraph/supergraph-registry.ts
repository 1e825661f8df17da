import { z } from 'zod'
import { systemCaller } from '../../kit/caller.ts'
import type { SchemaOffice } from '../../kit/schema-workshop.ts'
import type { FoundSupergraph, SupergraphSource } from './follow-supergraph.ts'
import type { SystemSubscription } from '../identity/follow-changes.ts'
import type { SystemQuery } from '../identity/identity-directory.ts'

const question = `query ($environment: GraphEnvironment!, $unless: Int) {
  servedSupergraph(environment: $environment, unless: $unless) { number sdl apiSdl base subgraphs { name url sdl } }
}`
const feed = 'subscription { supergraphChanged { environment number } }'

const servedSchema = z.object({
  servedSupergraph: z
    .object({
      number: z.number(),
      sdl: z.string(),
      apiSdl: z.string(),
      base: z.string(),
      subgraphs: z.array(z.object({ name: z.string(), url: z.string(), sdl: z.string() })),
    })
    .nullable(),
})
const changeSchema = z.object({
  supergraphChanged: z.object({ environment: z.string().nullable(), number: z.number().nullable() }).nullable(),
})

/** Signs of life come every second. */
const silenceMs = 5_000

/** The supergraphs of an environment in the registry. */
export function createRegistrySource({
  environment,
  office,
  query,
  subscribe,
}: {
  readonly environment: 'LIVE' | 'SANDBOX'
  readonly office: SchemaOffice
  readonly query: SystemQuery
  readonly subscribe: SystemSubscription
}): SupergraphSource {
  const caller = systemCaller(['system:schemas'])
  return {
    required: false,
    async next(known) {
      const variables = { environment, unless: known === null ? null : Number(known) }
      const { data, errors } = await query('schemas', question, variables, caller)
      if (errors?.length) throw new Error(`the registry did not answer: ${JSON.stringify(errors)}`)
      const { servedSupergraph: served } = servedSchema.parse(data)
      if (served === null) return null
      const found: FoundSupergraph = {
        name: String(served.number),
        supergraphSdl: served.sdl,
        apiSdl: served.apiSdl,
        published: served.subgraphs,
      }
      // Composed by a version of the product whose own subgraphs were others: what was published is composed with ours.
      return served.base === office.base ? found : { ...found, ...(await composedAnew(office, served.subgraphs)) }
    },
    async *changes(signal) {
      const cut = new AbortController()
      let heardAt = performance.now()
      const watch = setInterval(() => {
        if (performance.now() - heardAt > silenceMs) cut.abort(new Error('the registry has said nothing'))
      }, silenceMs / 2).unref()
      try {
        const source = await subscribe('schemas', feed, AbortSignal.any([signal, cut.signal]))
        if (!(Symbol.asyncIterator in source)) throw new Error(`refused: ${JSON.stringify(source.errors)}`)
        yield
        for await (const { data, errors } of source) {
          if (errors?.length) throw new Error(`an answer with errors: ${JSON.stringify(errors)}`)
          heardAt = performance.now()
          if (changeSchema.parse(data).supergraphChanged?.environment === environment) yield
        }
        throw new Error('the feed ended')
      } finally {
        clearInterval(watch)
        cut.abort()
      }
    },
  }
}

async function composedAnew(
  { workshop, shipped }: SchemaOffice,
  published: FoundSupergraph['published'],
): Promise<Pick<FoundSupergraph, 'supergraphSdl' | 'apiSdl'>> {
  const names = new Set(published.map(({ name }) => name))
  const others = published.map(({ name, url, sdl }) => ({ name, url, sdl: sdl ?? '' }))
  return workshop.compose([...shipped.filter(({ name }) => !names.has(name)), ...others])
}
