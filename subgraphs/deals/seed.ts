import type { Connection } from 'mongoose'
import { createDealModels } from './models.ts'
import { seedCoSelling } from './seeds/co-selling.ts'
import { seedLeads } from './seeds/leads.ts'
import { seedRegistrations } from './seeds/registrations.ts'
import { seedTerms } from './seeds/terms.ts'

/** Fills the empty collections with the demo's deals, and with what they depend on, in every state. */
export async function seedDeals(connection: Connection, { now }: { readonly now: () => Date }): Promise<void> {
  const models = createDealModels({ connection })
  const at = now()
  await seedTerms(models, at)
  await seedRegistrations(models, at)
  await seedLeads(models, at)
  await seedCoSelling(models, at)
}
