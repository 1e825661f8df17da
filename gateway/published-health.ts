import type { PublishedSubgraphs } from './published-subgraphs.ts'
import type { WatchedSubgraph } from './subgraph-health.ts'
import { shownUrl } from './subgraph-transports.ts'
import type { RecentCalls } from './telemetry/call-window.ts'
import { probePath } from './transport/probe-path.ts'

/** The published subgraphs that are served now, as health reports look at them. */
export function watchedPublished(
  published: Pick<PublishedSubgraphs, 'served'>,
  { now, recentCalls }: { readonly now: () => Date; readonly recentCalls: (name: string) => RecentCalls | null },
): WatchedSubgraph[] {
  return published.served().map(({ name, url, sdl, breaker, signatureKey }) => ({
    name,
    publishedSdl: sdl,
    url: shownUrl(url),
    breaker,
    calls: () => recentCalls(name),
    version: null,
    probe: (signal) => probePath({ name, url, signatureKey, now }, signal),
  }))
}
