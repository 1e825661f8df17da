import type { OrganizationCopy } from '../organizations/organization-copy-model.ts'
import { type Entitlement, type EntitlementAction, entitlementActions, granteeKey } from './entitlement.ts'

/** The goods for which one action is allowed. */
export interface Grants {
  readonly families: readonly string[]
  readonly productIds: readonly string[]
}

/** What somebody may do with which goods. Models that read goods for a caller ask for it. */
export interface Access {
  /** The platform operator: no entitlement is asked for. */
  readonly everything: boolean
  readonly grants: Readonly<Record<EntitlementAction, Grants>>
}

/** Access to everything. */
export const accessToEverything: Access = { everything: true, grants: grantsOf([]) }

/** What entitlements in force, all of one organization, add up to. */
export function accessBy(entitlements: readonly Pick<Entitlement, 'action' | 'family' | 'productId'>[]): Access {
  return { everything: false, grants: grantsOf(entitlements) }
}

/** By which texts entitlements reach an organization; none unless it is approved. */
export function granteeKeysOf(organization: OrganizationCopy | null): string[] {
  if (organization?.status !== 'APPROVED') return []
  const nobody = { organizationId: null, tierId: null, territory: null }
  return [
    granteeKey({ ...nobody, organizationId: organization._id }),
    ...(organization.tierId === null ? [] : [granteeKey({ ...nobody, tierId: organization.tierId })]),
    ...organization.territories.map((territory) => granteeKey({ ...nobody, territory })),
  ]
}

/** Whether an action is allowed with goods, given by their product and family. */
export function allows(
  { everything, grants }: Access,
  action: EntitlementAction,
  goods: { readonly productId: string; readonly family: string },
): boolean {
  const { families, productIds } = grants[action]
  return everything || families.includes(goods.family) || productIds.includes(goods.productId)
}

/** All actions that are allowed with goods. */
export function allowedActions(
  access: Access,
  goods: { readonly productId: string; readonly family: string },
): EntitlementAction[] {
  return entitlementActions.filter((action) => allows(access, action, goods))
}

function grantsOf(entitlements: readonly Pick<Entitlement, 'action' | 'family' | 'productId'>[]): Access['grants'] {
  const of = (action: EntitlementAction): Grants => {
    const granted = entitlements.filter((entitlement) => entitlement.action === action)
    return {
      families: distinct(granted.map(({ family }) => family)),
      productIds: distinct(granted.map(({ productId }) => productId)),
    }
  }
  return { VIEW: of('VIEW'), SELL: of('SELL'), REGISTER: of('REGISTER') }
}

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))].toSorted()
}
