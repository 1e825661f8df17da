/**
 * The text of a supergraph as @apollo/gateway accepts it. It refuses supergraphs that use `@authenticated`,
 * `@requiresScopes` or `@policy` because it does not enforce them; our own filter does, so the `for: SECURITY`
 * of those links is taken away here. The published supergraph stays the standard one.
 */
export function apolloSupergraph(supergraphSdl: string): string {
  return supergraphSdl.replaceAll(
    /(@link\(url: "https:\/\/specs\.apollo\.dev\/(?:authenticated|requiresScopes|policy)\/[^"]*")([^)]*?), for: SECURITY/g,
    '$1$2',
  )
}
