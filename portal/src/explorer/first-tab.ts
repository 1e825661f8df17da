import type { SampleOperation } from '../caller/portal-session.ts'

/** A tab's texts as GraphiQL takes them; null is an empty editor. */
export interface TabTexts {
  query: string | null
  variables: string | null
}

/** GraphiQL's own key, in the storage that the explorer gives it. */
const TABS_KEY = 'graphiql:tabState'

/** A sample as a tab, with its variables as JSON where it has any. */
export function sampleTab({ query, variables }: SampleOperation): TabTexts {
  return { query, variables: Object.keys(variables).length > 0 ? JSON.stringify(variables, null, 2) : null }
}

/**
 * The tab to open with: the one that was active before a reload, else the first sample. GraphiQL would restore its
 * query by itself, but not its variables.
 */
export function firstTab(samples: SampleOperation[], storage: Storage): TabTexts | null {
  const stored = storage.getItem(TABS_KEY)
  const [sample] = samples
  if (stored === null) return sample ? sampleTab(sample) : null
  const { tabs, activeTabIndex } = JSON.parse(stored) as { tabs: TabTexts[]; activeTabIndex: number }
  return tabs[activeTabIndex] ?? null
}
