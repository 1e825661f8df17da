import type { Fetcher } from '@graphiql/toolkit'
import { getOperationAST, GraphQLError, OperationTypeNode, parse, type OperationDefinitionNode } from 'graphql'
import type { Client } from 'graphql-ws'
import type { Credentials } from '../caller/credentials.ts'
import type { RunReport } from '../cost/run-report.ts'
import type { GraphRequest } from '../graph/graph-result.ts'
import { postOperation } from '../graph/post-operation.ts'
import { observeSubscription } from './observe-subscription.ts'
import { runOnce } from './run-once.ts'

export interface ExplorerFetcherOptions {
  credentials: Credentials
  /** Where the graph, or the part of it, answers. */
  path: string
  streams: Client
  /** Told before, during and after every run, the explorer's own introspection left out. */
  onReport: (report: RunReport) => void
}

/** GraphiQL's way to the graph: adds the credentials itself, so that the key is never a visible or stored header. */
export function createExplorerFetcher({ credentials, path, streams, onReport }: ExplorerFetcherOptions): Fetcher {
  return ({ query, operationName = null, variables }) => {
    if (operationName === 'IntrospectionQuery') {
      return asExecutionResult(postOperation(credentials, { query, operationName, variables }, path))
    }
    const definition = findOperation(query, operationName)
    const request: GraphRequest = { query, operationName: definition?.name?.value ?? operationName, variables }
    const operation = definition?.name?.value ?? `Unnamed ${definition?.operation ?? 'operation'}`
    return definition?.operation === OperationTypeNode.SUBSCRIPTION
      ? observeSubscription({ streams, request, operation, onReport })
      : asExecutionResult(runOnce({ send: () => postOperation(credentials, request, path), operation, onReport }))
  }
}

/** The operation that would run; none when the text does not parse, which the server is left to explain. */
function findOperation(query: string, operationName: string | null): OperationDefinitionNode | null {
  try {
    const document = parse(query)
    // For a moment after a change of tab, GraphiQL still passes the name of the tab before.
    return getOperationAST(document, operationName) ?? getOperationAST(document) ?? null
  } catch (error) {
    if (error instanceof GraphQLError) return null
    throw error
  }
}

/** GraphiQL's types ask for graphql-js errors where it only prints what came over the wire. */
function asExecutionResult(answer: Promise<unknown>): ReturnType<Fetcher> {
  return answer as ReturnType<Fetcher>
}
