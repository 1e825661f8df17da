import type { Reaction } from '../../../kit/background.ts'
import type { BillingModels } from '../models/billing-models.ts'

const changes = ['applied', 'approved', 'rejected', 'suspended', 'reinstated', 'terminated', 'changed']

/** Follows what the partner subgraph tells of organizations. */
export const copyOrganization: Reaction<BillingModels> = {
  name: 'copy-organization',
  types: changes.map((change) => `organization.${change}`),
  async handle({ models }, { subject, time, data }, session) {
    const { name, status, tierId } = data
    const tier = typeof tierId === 'string' ? tierId : null
    const copy = { _id: subject, name: String(name), status: String(status), tierId: tier, asOf: time }
    await models.organizations.keep(copy, session)
  },
}
