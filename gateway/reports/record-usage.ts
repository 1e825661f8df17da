import { systemCaller } from '../../kit/caller.ts'
import type { UsageBatch } from '../cost/usage-batch.ts'
import { UsageBatchRefused } from '../cost/usage-recorder.ts'
import type { SystemQuery } from '../identity/identity-directory.ts'

const mutation = `mutation RecordUsage(
  $batchId: ID!, $records: [UsageRecordInput!]!, $coordinates: [UsagePartInput!], $endUsers: [UsagePartInput!]
) { recordUsage(batchId: $batchId, records: $records, coordinates: $coordinates, endUsers: $endUsers) }`

/** Hands a batch of usage to billing, which counts each batch id once. Throws when billing did not take it. */
export async function recordUsage(query: SystemQuery, batchId: string, batch: UsageBatch): Promise<void> {
  const { records, coordinates, endUsers } = batch
  const variables = { batchId, records, coordinates, endUsers }
  const { data, errors } = await query('billing', mutation, variables, systemCaller(['system:usage']))
  // False means that billing had this batch before, which is as good.
  if (typeof data?.['recordUsage'] === 'boolean') return
  const message = `billing did not record usage: ${errors?.[0]?.message ?? 'no answer'}`
  throw errors?.[0]?.extensions?.['code'] === 'BAD_USER_INPUT' ? new UsageBatchRefused(message) : new Error(message)
}
