import { Agent } from 'undici'
import { v7 } from 'uuid'
import { createAccessTokenIssuer } from './access-token-issuer.ts'
import type { SubgraphResult } from './subgraph-service.ts'

/** One operation for the graph. */
export interface GraphQuestion {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly signal: AbortSignal
}

/** The graph as work in the background reaches it: over the one door, as whoever it works for. */
export interface GraphAsker {
  /**
   * Asks as an app that acts for itself: identity, policy, limits and cost are those of a request of the app. Throws
   * GraphUnreachable where no gateway answers.
   */
  askAs(appId: string, question: GraphQuestion): Promise<SubgraphResult>
}

/** No gateway has answered; asked again later, it may. */
export class GraphUnreachable extends Error {
  override readonly name = 'GraphUnreachable'
}

export interface GraphAskerOptions {
  /** The origin of a gateway, asked for with each question; undefined while there is none yet. */
  readonly origin: () => string | undefined
  /** The key of access tokens, which gateways verify them with. */
  readonly key: Buffer
  readonly now: () => Date
}

/** A token is used for so long, so that gateways look its app up once and not for each question. */
const tokenReuseMs = 60_000
const mostTokens = 10_000
const answerLimitBytes = 4 * 1024 * 1024

/** Asks gateways over HTTP, in one process as over many, with a short-lived token of the app. */
export function createGraphAsker({ origin, key, now }: GraphAskerOptions): GraphAsker & {
  close(): Promise<void>
} {
  const agent = new Agent({ connections: 64, maxResponseSize: answerLimitBytes, headersTimeout: 15_000 })
  const tokens = new Map<string, { readonly token: Promise<string>; readonly until: number }>()
  const { issue } = createAccessTokenIssuer(key, now)

  const tokenOf = (appId: string): Promise<string> => {
    const at = now().getTime()
    const known = tokens.get(appId)
    if (known && known.until > at && known.until <= at + tokenReuseMs) return known.token
    if (tokens.size >= mostTokens) tokens.clear()
    const token = issue({ appId, scopes: null, endUserId: null, tokenId: v7() })
    tokens.set(appId, { token, until: at + tokenReuseMs })
    return token
  }

  return {
    async askAs(appId, { query, variables, signal }) {
      const target = origin()
      if (target === undefined) throw new GraphUnreachable('no gateway is known yet')
      let text: string
      let status: number
      try {
        const response = await agent.request({
          origin: target,
          path: '/graphql',
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            // An event tells of a change, so an answer from before it will not do.
            'cache-control': 'no-cache',
            authorization: `Bearer ${await tokenOf(appId)}`,
          },
          body: JSON.stringify({ query, variables }),
          signal,
        })
        status = response.statusCode
        text = await response.body.text()
      } catch (error) {
        throw new GraphUnreachable('no gateway has answered', { cause: error })
      }
      return readAnswer(status, text)
    },
    close: () => agent.destroy(),
  }
}

function readAnswer(status: number, text: string): SubgraphResult {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer)) {
      return answer as SubgraphResult
    }
  } catch {
    // Told below: what is no JSON is no answer of a gateway.
  }
  throw new GraphUnreachable(`status ${status}, not a GraphQL response`)
}
