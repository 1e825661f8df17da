/** Where the whole graph answers. */
export const wholeGraphPath = '/graphql'

/** Where a contract or version answers; null is the whole graph. */
export function graphPathOf(edition: string | null): string {
  return edition === null ? wholeGraphPath : `${wholeGraphPath}/${edition}`
}
