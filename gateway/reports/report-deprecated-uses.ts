import { systemCaller } from '../../kit/caller.ts'
import type { NotedUse } from './deprecation-notices.ts'
import type { SystemQuery } from '../identity/identity-directory.ts'

const mutation = `mutation ReportDeprecatedUses($uses: [DeprecatedUseInput!]!) { reportDeprecatedUses(uses: $uses) }`

/** Tells the partner subgraph who uses what goes away. Throws when it did not take it. */
export async function reportDeprecatedUses(query: SystemQuery, uses: readonly NotedUse[]): Promise<void> {
  const { data, errors } = await query('partner', mutation, { uses }, systemCaller(['system:usage']))
  if (typeof data?.['reportDeprecatedUses'] === 'number') return
  throw new Error(`the partner subgraph did not take deprecated uses: ${errors?.[0]?.message ?? 'no answer'}`)
}
