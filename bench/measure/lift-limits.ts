import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import mongoose from 'mongoose'
import type { MeasuredProduct } from './start-product.ts'

/** More points than any bench uses up, so that it measures answers and not refusals. */
const plenty = 1e9
const pollMs = 100

/** What gateways are told of apps is a copy of what plans say, renewed by events that this does not make. */
const collections = ['billing_plans', 'billing_app_limits'] as const
const lifted = {
  'limits.bucketSize': plenty,
  'limits.restoreRate': plenty,
  'limits.dailyCalls': null,
  'limits.monthlyCalls': null,
  'limits.concurrentRequests': null,
  'limits.openStreams': null,
}

/** Gives the plans of a running demo so many points that no load is throttled, and waits until the gateway knows. */
export async function liftLimits({ dataDir, portalRequest }: MeasuredProduct): Promise<void> {
  const socket = encodeURIComponent(join(dataDir, 'database', 'database.sock'))
  const connection = mongoose.createConnection(`mongodb://${socket}/tributary?directConnection=true`)
  try {
    await connection.asPromise()
    for (const name of collections) await connection.collection(name).updateMany({}, { $set: lifted })
  } finally {
    await connection.close()
  }
  const { url, headers } = portalRequest
  const body = JSON.stringify({ query: '{ __typename }' })
  while ((await bucketSize(url, { method: 'POST', headers, body })) !== plenty) await sleep(pollMs)
}

async function bucketSize(url: string, request: RequestInit): Promise<number | undefined> {
  const response = await fetch(url, request)
  const { extensions } = (await response.json()) as {
    extensions?: { cost?: { throttleStatus: { maximumAvailable: number } } }
  }
  return extensions?.cost?.throttleStatus.maximumAvailable
}
