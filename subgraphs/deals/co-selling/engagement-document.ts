import type { EngagementState } from './engagement-state.ts'

/** The parts of a registration that its owner can share one by one. */
export const sharedFields = ['CUSTOMER', 'PRODUCT', 'VALUE', 'CLOSE_DATE', 'STATE'] as const

export type SharedField = (typeof sharedFields)[number]

/** What one side has written down; a private note is for its own people. */
export interface CoSellNote {
  readonly organizationId: string
  readonly text: string
  readonly private: boolean
  readonly at: Date
}

/** Two organizations that sell together: the one that registered the deal and a guest, one of which may be the platform. */
export interface CoSellEngagementDocument {
  readonly _id: string
  readonly dealId: string
  readonly ownerId: string
  readonly guestId: string
  /** Which of the two asked; the other one answers. */
  readonly invitedBy: string
  readonly state: EngagementState
  readonly message: string | null
  readonly shared: readonly SharedField[]
  readonly notes: readonly CoSellNote[]
  /** While true, no other engagement of the same deal and guest can exist: a unique index sees to it. */
  readonly open: boolean
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type CoSellSide = 'OWNER' | 'GUEST'
