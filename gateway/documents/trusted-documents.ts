import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { systemCaller } from '../../kit/caller.ts'
import { CodedError } from '../../kit/errors.ts'
import type { SystemQuery } from '../identity/identity-directory.ts'
import type { TrustedDocuments } from '../operation/persisted-documents.ts'

/** The longest that a document runs on after it was taken back. */
const believedMs = 30_000
/** A document that was just published must soon be found. */
const unknownBelievedMs = 2_000
const rememberedCharacters = 4 * 1024 * 1024

const answerSchema = z.object({ trustedDocument: z.string().nullable() })
const query = 'query TrustedDocument($appId: ID!, $hash: String!) { trustedDocument(appId: $appId, hash: $hash) }'

interface Believed {
  readonly text: Promise<string | null>
  readonly characters: number
}

/** Asks the partner subgraph for the documents that apps have published, over a field that no supergraph shows. */
export function createTrustedDocuments(ask: SystemQuery, nowMs: () => number): TrustedDocuments {
  const system = systemCaller(['system:identity'])
  const known = new LRUCache<string, Believed>({
    maxSize: rememberedCharacters,
    sizeCalculation: ({ characters }, key) => characters + key.length,
    perf: { now: nowMs },
  })
  const lookUp = async (appId: string, hash: string): Promise<string | null> => {
    const { data, errors } = await ask('partner', query, { appId, hash }, system)
    const answer = answerSchema.safeParse(data)
    if (errors?.length || !answer.success) {
      throw new CodedError('SUBGRAPH_UNAVAILABLE', 'The published documents cannot be looked up now.')
    }
    return answer.data.trustedDocument
  }
  return (appId, hash) => {
    const key = `${appId} ${hash}`
    const believed = known.get(key)
    if (believed) return believed.text
    const text = lookUp(appId, hash)
    // All who ask meanwhile wait for the one answer.
    known.set(key, { text, characters: 0 }, { ttl: unknownBelievedMs })
    const remember = (found: string | null) =>
      known.set(key, { text, characters: found?.length ?? 0 }, { ttl: found === null ? unknownBelievedMs : believedMs })
    text.then(remember, () => known.delete(key))
    return text
  }
}
