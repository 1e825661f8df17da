import type { Reaction } from '../../../kit/background.ts'
import type { DomainEvent, EventValue } from '../../../kit/events.ts'
import type { DealModels } from '../models.ts'

/** Keeps the copies of organizations: who is approved, of which tier, for which territories. */
export const learnOrganizations: Reaction<DealModels> = {
  name: 'learn-organizations',
  types: ['applied', 'approved', 'rejected', 'suspended', 'reinstated', 'terminated', 'changed'].map(
    (what) => `organization.${what}`,
  ),
  async handle({ models }, { subject, data }, session) {
    await models.knownPartners.putOrganization(session, {
      _id: subject,
      name: textOf(data['name']),
      type: textOf(data['type']),
      status: textOf(data['status']),
      tierId: textOrNull(data['tierId']),
      territories: Array.isArray(data['territories']) ? data['territories'].map(String) : [],
    })
  },
}

/** Keeps the copies of products and SKUs. */
export const learnProducts: Reaction<DealModels> = {
  name: 'learn-products',
  types: ['product.created', 'product.changed', 'sku.created', 'sku.changed'],
  async handle({ models }, { type, subject: _id, data }, session) {
    if (type.startsWith('sku.')) {
      await models.knownProducts.putSku(session, { _id, productId: textOf(data['productId']) })
    } else {
      const fields = { family: textOf(data['family']), status: textOf(data['status']) }
      await models.knownProducts.putProduct(session, { _id, ...fields })
    }
  },
}

/** Keeps the copies of the rights to register deals. */
export const learnGrants: Reaction<DealModels> = {
  name: 'learn-grants',
  types: ['entitlement.granted', 'entitlement.revoked'],
  async handle({ models }, event, session) {
    if (event.type === 'entitlement.revoked') await models.knownPartners.removeGrant(session, event.subject)
    else if (event.data['action'] === 'REGISTER') await models.knownPartners.putGrant(session, grantOf(event))
  },
}

function grantOf({ subject, data }: DomainEvent) {
  return {
    _id: subject,
    organizationId: textOrNull(data['organizationId']),
    tierId: textOrNull(data['tierId']),
    territory: textOrNull(data['territory']),
    productId: textOrNull(data['productId']),
    family: textOrNull(data['family']),
  }
}

function textOf(value: EventValue | undefined): string {
  if (typeof value !== 'string') throw new Error(`an event has ${JSON.stringify(value)} where a text belongs`)
  return value
}

function textOrNull(value: EventValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}
