import type { EventTypeDeclaration } from '../../kit/declared-event-types.ts'
import type { SubgraphVersion } from './subgraph-versions.ts'

type Declaring = Pick<SubgraphVersion, 'environment' | 'retirement' | 'eventTypes'>

/** What a subgraph declares in both graphs: as the live one has it, and what only the sandbox has besides. */
export function declaredTogether(
  ...latest: readonly (Declaring | null)[]
): readonly (EventTypeDeclaration & { readonly live: boolean })[] {
  const of = (wanted: Declaring['environment']) => {
    const version = latest.find((one) => one?.environment === wanted)
    return version?.retirement ? [] : (version?.eventTypes ?? [])
  }
  const live = of('LIVE').map((type) => ({ ...type, live: true }))
  const names = new Set(live.map(({ name }) => name))
  const tried = of('SANDBOX').flatMap((type) => (names.has(type.name) ? [] : { ...type, live: false }))
  return [...live, ...tried]
}
