import { createStateMachine } from '../../../kit/state-machine.ts'

export const entitlementActions = ['VIEW', 'SELL', 'REGISTER'] as const

export type EntitlementAction = (typeof entitlementActions)[number]

export type EntitlementState = 'GRANTED' | 'REVOKED'

export const entitlementState = createStateMachine<EntitlementState>('entitlement', {
  GRANTED: ['REVOKED'],
  REVOKED: [],
})

/** To whom something is granted: exactly one is not null. */
export interface Grantee {
  readonly organizationId: string | null
  readonly tierId: string | null
  readonly territory: string | null
}

/** For which goods: exactly one is not null. */
export interface GrantedGoods {
  readonly productId: string | null
  readonly family: string | null
}

export interface Entitlement extends Grantee, GrantedGoods {
  readonly _id: string
  readonly action: EntitlementAction
  /** Grantee and goods in one text each, for indexes. */
  readonly grantee: string
  readonly goods: string
  readonly state: EntitlementState
  readonly createdAt: Date
  readonly revokedAt: Date | null
  readonly version: number
}

/** The one text of a grantee, for example `tier:tier_…`. */
export function granteeKey({ organizationId, tierId, territory }: Grantee): string {
  if (organizationId !== null) return `organization:${organizationId}`
  return tierId === null ? `territory:${territory ?? ''}` : `tier:${tierId}`
}

/** The one text of what is granted, for example `family:Notebooks`. */
export function goodsKey({ productId, family }: GrantedGoods): string {
  return productId === null ? `family:${family ?? ''}` : `product:${productId}`
}
