import type { Caller } from '../../../kit/caller.ts'
import type { DealRegistrationDocument } from '../registrations/deal-document.ts'
import type { CoSellEngagementDocument, SharedField } from './engagement-document.ts'

/** A registration as one side of an engagement sees it; what it may not see is null. */
export interface SharedDeal {
  readonly number: string | null
  readonly family: string
  readonly territory: string
  readonly customer: DealRegistrationDocument['customer'] | null
  readonly product: { readonly id: string } | null
  readonly sku: { readonly id: string } | null
  readonly quantity: number | null
  readonly value: DealRegistrationDocument['estimatedValue']
  readonly expectedCloseDate: Date | null
  readonly state: DealRegistrationDocument['state'] | null
}

/**
 * What a caller sees of the deal of an engagement. The owner sees all of it; the guest what was shared with it,
 * and that only while the engagement is active. Before and after, it knows no more than what kind of deal it is and where.
 */
export function sharedDealFor(
  caller: Caller,
  { state, ownerId, shared }: Pick<CoSellEngagementDocument, 'state' | 'ownerId' | 'shared'>,
  deal: DealRegistrationDocument,
): SharedDeal {
  // The platform sees every registration anyway, whether it takes part in an engagement or not.
  const owner = caller.operator || caller.organizationId === ownerId
  const sees = (field: SharedField): boolean => owner || (state === 'ACTIVE' && shared.includes(field))
  return {
    number: owner ? deal.number : null,
    family: deal.family,
    territory: deal.territory,
    customer: sees('CUSTOMER') ? deal.customer : null,
    product: sees('PRODUCT') ? { id: deal.productId } : null,
    sku: sees('PRODUCT') && deal.skuId !== null ? { id: deal.skuId } : null,
    quantity: sees('PRODUCT') ? deal.quantity : null,
    value: sees('VALUE') ? (deal.wonValue ?? deal.estimatedValue) : null,
    expectedCloseDate: sees('CLOSE_DATE') ? deal.expectedCloseDate : null,
    state: sees('STATE') ? deal.state : null,
  }
}
