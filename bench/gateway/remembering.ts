import { type GraphQLSchema, execute, parse } from 'graphql'
import { HttpResult, type Transport, type TransportResult } from '../../gateway/transport/transport.ts'

/** Answers request bodies as JSON text; each is executed once, and remembered. */
export function rememberedAnswers(schemaOf: () => GraphQLSchema): (body: string) => string | Promise<string> {
  const answers = new Map<string, string>()
  let schema: GraphQLSchema | undefined
  return (body) => {
    const known = answers.get(body)
    if (known !== undefined) return known
    return (async () => {
      const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }
      schema ??= schemaOf()
      const text = JSON.stringify(await execute({ schema, document: parse(query), variableValues: variables }))
      answers.set(body, text)
      return text
    })()
  }
}

/** A subgraph in memory whose answers are texts that are read anew. */
export function remembering(schemaOf: () => GraphQLSchema): Transport {
  const answer = rememberedAnswers(schemaOf)
  return {
    sendsText: true,
    execute: async ({ body = '' }) => new HttpResult(JSON.parse(await answer(body)) as TransportResult, true),
    subscribe: () => Promise.reject(new Error('nothing is streamed')),
    close: () => Promise.resolve(),
  }
}
