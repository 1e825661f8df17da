import type { PublishedSubgraphs } from './published-subgraphs.ts'
import type { WatchedSubgraph } from './subgraph-health.ts'
import { shownUrl } from './subgraph-transports.ts'
import type { RecentCalls } from '../telemetry/call-window.ts'
import { probePath } from '../transport/probe-path.ts'

/** The subgraphs that are served now, as health reports look at them: one that was published stands for the shipped one whose name it has. */
export function withPublishedHealth(
  shipped: readonly WatchedSubgraph[],
  published: Pick<PublishedSubgraphs, 'served'>,
  { now, recentCalls }: { readonly now: () => Date; readonly recentCalls: (name: string) => RecentCalls | null },
): WatchedSubgraph[] {
  const others = published.served()
  const names = new Set(others.map(({ name }) => name))
  return [
    ...shipped.filter(({ name }) => !names.has(name)),
    ...others.map(({ name, url, sdl, breaker, signatureKey }): WatchedSubgraph => ({
      name,
      publishedSdl: sdl,
      url: shownUrl(url),
      breaker,
      calls: () => recentCalls(name),
      version: null,
      probe: (signal) => probePath({ name, url, signatureKey, now }, signal),
    })),
  ]
}
