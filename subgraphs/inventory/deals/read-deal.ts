import type { DomainEvent } from '../../../kit/events.ts'
import { isIdOf } from '../../../kit/ids.ts'
import type { Actor } from '../stock/open-stock.ts'

/** What an event of a deal says, as far as stock is concerned. */
export interface DealFacts {
  readonly dealId: string
  readonly organizationId: string
  readonly skuId: string | null
  readonly quantity: number
  readonly reserveStock: boolean
  readonly protectedUntil: Date | null
}

/** Reads an event of a deal; undefined when it does not say whose deal it is. */
export function readDeal({ subject, data }: DomainEvent): DealFacts | undefined {
  const { organizationId, skuId, quantity, reserveStock, protectedUntil } = data
  if (typeof organizationId !== 'string' || !isIdOf('DealRegistration', subject)) return undefined
  const end = typeof protectedUntil === 'string' ? new Date(protectedUntil) : null
  return {
    dealId: subject,
    organizationId,
    skuId: typeof skuId === 'string' ? skuId : null,
    quantity: typeof quantity === 'number' ? quantity : 0,
    reserveStock: reserveStock === true,
    protectedUntil: end === null || Number.isNaN(end.getTime()) ? null : end,
  }
}

/** Who the ledger names for what follows from a deal. */
export function actorOf({ organizationId }: DealFacts): Actor {
  return { appId: 'system', organizationId }
}
