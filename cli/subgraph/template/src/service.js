import { readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { OperationTypeNode, execute, parse, subscribe, validate } from 'graphql'
import { createAccounts } from './accounts.js'
import { resolvers } from './resolvers.js'
import { guardByScopes } from './scopes.js'
import { seeds } from './seeds.js'

/** @typedef {{ query: string, variables?: Record<string, unknown> | null, operationName?: string | null }} Operation */

/** Documents that are kept parsed: gateways send the same few again and again. */
const keptDocuments = 1_000

/**
 * The subgraph without HTTP: runs operations for callers.
 * @param {import('./outbox.js').Outbox} outbox
 */
export function createService(outbox) {
  const typeDefs = parse(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'))
  // Apollo's types know nothing of our context.
  const modules = /** @type {unknown} */ ([{ typeDefs, resolvers }])
  const schema = guardByScopes(buildSubgraphSchema(/** @type {Parameters<typeof buildSubgraphSchema>[0]} */ (modules)))
  const accounts = createAccounts(seeds, outbox)
  /** @type {Map<string, import('graphql').DocumentNode>} */
  const documents = new Map()

  /** @param {string} query */
  const read = (query) => {
    const known = documents.get(query)
    if (known !== undefined) return known
    const document = parse(query)
    const errors = validate(schema, document)
    if (errors.length > 0) throw errors[0]
    if (documents.size >= keptDocuments) documents.clear()
    documents.set(query, document)
    return document
  }

  return {
    accounts,
    /**
     * A result, or a stream of results for a subscription.
     * @param {Operation} operation
     * @param {{ caller: import('./gateway-signature.js').Caller, signal: AbortSignal }} by
     */
    async run({ query, variables, operationName }, { caller, signal }) {
      let document
      try {
        document = read(query)
      } catch (error) {
        if (error instanceof Error && error.name === 'GraphQLError') return { errors: [error] }
        throw error
      }
      const contextValue = { caller, signal, accounts, loaders: accounts.createLoaders(caller) }
      const isStream = document.definitions.some(
        (one) => 'operation' in one && one.operation === OperationTypeNode.SUBSCRIPTION,
      )
      const request = { schema, document, variableValues: variables, operationName, contextValue }
      return isStream ? await subscribe(request) : await execute(request)
    },
  }
}
