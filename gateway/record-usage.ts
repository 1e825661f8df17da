import { systemCaller } from '../kit/caller.ts'
import type { UsageRecord } from './cost/usage-recorder.ts'
import type { SystemQuery } from './identity/identity-directory.ts'

const mutation = `mutation RecordUsage($batchId: ID!, $records: [UsageRecordInput!]!) {
  recordUsage(batchId: $batchId, records: $records) }`

/** Hands a batch of usage to billing, which counts each batch id once. Throws when billing did not take it. */
export async function recordUsage(query: SystemQuery, batchId: string, records: readonly UsageRecord[]): Promise<void> {
  const { data, errors } = await query('billing', mutation, { batchId, records }, systemCaller(['system:usage']))
  // False means that billing had this batch before, which is as good.
  if (typeof data?.['recordUsage'] === 'boolean') return
  throw new Error(`billing did not record usage: ${errors?.[0]?.message ?? 'no answer'}`)
}
