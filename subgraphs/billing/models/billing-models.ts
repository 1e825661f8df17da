import type { ModelDependencies } from '../../../kit/subgraph-definition.ts'
import { prepareModels } from '../../../storage/documents.ts'
import { createCommissions } from './commissions.ts'
import { createInvoices } from './invoices.ts'
import { createPlans } from './plans.ts'
import { createSubscriptions } from './subscriptions.ts'
import { createUsage } from './usage.ts'

/** The billing subgraph's collections on a connection. */
export function createBillingModels({ connection }: ModelDependencies) {
  return {
    plans: createPlans(connection),
    subscriptions: createSubscriptions(connection),
    usage: createUsage(connection),
    invoices: createInvoices(connection),
    commissions: createCommissions(connection),
  }
}

export type BillingModels = ReturnType<typeof createBillingModels>

export async function prepareBillingModels(models: BillingModels): Promise<void> {
  const { plans, subscriptions, usage, invoices, commissions } = models
  await prepareModels([plans.model, subscriptions.model, usage.hours, usage.batches, invoices.model, commissions.model])
}
