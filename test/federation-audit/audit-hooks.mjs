/**
 * Module hooks that let the suites of a checkout of graphql-hive/federation-gateway-audit be imported as data: what
 * they take from their server (`createSubgraph`, `serve`) is replaced, and their graphql is ours.
 */
const subgraph = 'export const createSubgraph = (name, { typeDefs, resolvers }) => ({ name, typeDefs, resolvers })'
const supergraph = 'export const serve = (id, subgraphs, tests) => ({ id, subgraphs, tests })'
const replaced = new Map([
  ['../../subgraph.js', subgraph],
  ['../../supergraph.js', supergraph],
])

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  const source = replaced.get(specifier)
  if (source !== undefined) return { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true }
  if (specifier === 'graphql') return next(specifier, { ...context, parentURL: import.meta.url })
  return next(specifier, context)
}
