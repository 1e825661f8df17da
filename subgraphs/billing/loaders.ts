import DataLoader from 'dataloader'
import type { Caller } from '../../kit/caller.ts'
import { createLoader } from '../../kit/loader.ts'
import type { BillingModels } from './models/billing-models.ts'
import type { UsageTotals } from './models/usage.ts'
import type { Span } from './rules.ts'

/** The loaders of one request; what they hold is what this caller may see. */
export function createBillingLoaders(models: BillingModels, caller: Caller) {
  return {
    plans: createLoader(
      (ids: readonly string[]) => models.plans.readByIds(caller, ids),
      ({ _id }) => _id,
    ),
    subscribedPlans: createLoader(
      (ids: readonly string[]) => models.plans.readSubscribed(ids),
      ({ _id }) => _id,
    ),
    subscriptionsByApp: createLoader(
      (appIds: readonly string[]) => models.subscriptions.readByApps(caller, appIds),
      ({ appId }) => appId,
    ),
    usage: createUsageLoader(models, caller),
    commissions: createLoader(
      (ids: readonly string[]) => models.commissions.readByIds(caller, ids),
      ({ _id }) => _id,
    ),
    commissionsByDeal: createLoader(
      (dealIds: readonly string[]) => models.commissions.readByDeals(caller, dealIds),
      ({ dealId }) => dealId,
    ),
    invoicesOfOrganization: models.invoices.createPages(caller),
    commissionsOfOrganization: models.commissions.createPages(caller),
  }
}

export type BillingLoaders = ReturnType<typeof createBillingLoaders>

interface UsageKey extends Span {
  readonly appId: string
}

const spanOf = ({ from, to }: Span): string => `${from.toISOString()}/${to.toISOString()}`

/** One query per distinct span, which in one operation is almost always one. */
function createUsageLoader(models: BillingModels, caller: Caller): DataLoader<UsageKey, UsageTotals, string> {
  return new DataLoader(
    async (keys: readonly UsageKey[]) => {
      const totals = new Map<string, UsageTotals>()
      for (const span of new Map(keys.map((key) => [spanOf(key), key])).values()) {
        const appIds = keys.filter((key) => spanOf(key) === spanOf(span)).map(({ appId }) => appId)
        for (const row of await models.usage.readTotals(caller, appIds, span)) {
          totals.set(`${row.appId}/${spanOf(span)}`, row)
        }
      }
      return keys.map(
        (key) => totals.get(`${key.appId}/${spanOf(key)}`) ?? { appId: key.appId, calls: 0, cost: 0, errors: 0 },
      )
    },
    { cacheKeyFn: (key) => `${key.appId}/${spanOf(key)}` },
  )
}
