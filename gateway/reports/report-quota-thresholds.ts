import { systemCaller } from '../../kit/caller.ts'
import type { QuotaThreshold } from '../cost/quota-alerts.ts'
import type { SystemQuery } from '../identity/identity-directory.ts'

const mutation = `mutation ReportQuotaThresholds($thresholds: [QuotaThresholdInput!]!) {
  reportQuotaThresholds(thresholds: $thresholds) }`

/** Tells billing of thresholds of quotas; it counts each once per period. Throws when billing did not take them. */
export async function reportQuotaThresholds(query: SystemQuery, thresholds: readonly QuotaThreshold[]): Promise<void> {
  const { data, errors } = await query('billing', mutation, { thresholds }, systemCaller(['system:usage']))
  if (typeof data?.['reportQuotaThresholds'] === 'number') return
  throw new Error(`billing did not take quota thresholds: ${errors?.[0]?.message ?? 'no answer'}`)
}
