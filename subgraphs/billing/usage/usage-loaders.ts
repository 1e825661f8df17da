import DataLoader from 'dataloader'
import type { Caller } from '../../../kit/caller.ts'
import type { BillingModels } from '../models/billing-models.ts'
import type { MeterTotal } from './meter-model.ts'
import type { UsagePiece, UsageSum } from './usage.ts'

interface UsageKey {
  readonly appId: string
  readonly pieces: readonly UsagePiece[]
}

/** One query per piece of a distinct span, which in one operation is almost always one of one piece. */
export function createUsageLoader(models: BillingModels, caller: Caller): DataLoader<UsageKey, UsageSum, string> {
  const spanOf = ({ pieces }: UsageKey): string => JSON.stringify(pieces)
  return new DataLoader(
    async (keys: readonly UsageKey[]) => {
      const sums = new Map<string, UsageSum>()
      await Promise.all(
        [...new Map(keys.map((key) => [spanOf(key), key.pieces]))].map(async ([span, pieces]) => {
          const appIds = keys.filter((key) => spanOf(key) === span).map(({ appId }) => appId)
          for (const row of await models.usage.readSums(caller, appIds, pieces)) sums.set(`${row.appId}/${span}`, row)
        }),
      )
      return keys.map(
        (key) => sums.get(`${key.appId}/${spanOf(key)}`) ?? { appId: key.appId, calls: 0, cost: 0, errors: 0 },
      )
    },
    { cacheKeyFn: (key) => `${key.appId}/${spanOf(key)}` },
  )
}

interface MeterKey {
  readonly appId: string
  readonly period: string
}

/** What the meters of apps counted in a month, one query per distinct month. */
export function createMeterLoader(models: BillingModels, caller: Caller): DataLoader<MeterKey, MeterTotal[], string> {
  return new DataLoader(
    async (keys: readonly MeterKey[]) => {
      const rows = await Promise.all(
        [...new Set(keys.map(({ period }) => period))].map(async (period) => {
          const appIds = keys.filter((key) => key.period === period).map(({ appId }) => appId)
          return (await models.meters.readMonth(appIds, period, { caller })).map((row) => ({ period, row }))
        }),
      )
      return keys.map((key) =>
        rows
          .flat()
          .filter(({ period, row }) => period === key.period && row.appId === key.appId)
          .map(({ row }) => row)
          .slice(0, 100),
      )
    },
    { cacheKeyFn: ({ appId, period }) => `${appId}/${period}` },
  )
}
