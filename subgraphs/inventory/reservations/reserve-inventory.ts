import { CodedError } from '../../../kit/errors.ts'
import { isIdOf } from '../../../kit/ids.ts'
import { createGroupedMutation } from '../../../storage/mutate-in-groups.ts'
import type { UserError } from '../../../storage/mutate.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { levelId } from '../levels/level-model.ts'
import { checkUnits } from '../levels/level-rules.ts'
import { batchSizeError, createLineErrors } from '../levels/line-errors.ts'
import { checkReference } from '../levels/reference.ts'
import { type ReservationOrder, reserveOrders } from './reserve-orders.ts'
import { checkTimeToLive, defaultMinutes, endOf } from './time-to-live.ts'

export interface ReserveInventoryInput {
  readonly lines: readonly {
    readonly skuId: string
    readonly locationId?: string | null
    readonly quantity: number
  }[]
  readonly organizationId?: string | null
  readonly dealId?: string | null
  readonly reference?: string | null
  readonly ttlMinutes?: number | null
}

/** Orders of one transaction: enough to share its cost, few enough to be done in some 20 ms. */
const mostCalls = 100
/** Orders of many lines share less. */
const mostKeys = 1_000
/** While one group waits for the disk, another of other SKUs can work. */
const mostGroups = 4

/** Holds stock for orders; those that come while others of the same SKU are at work are done together. */
const reserveInGroups = createGroupedMutation<InventoryContext, ReserveInventoryInput>({
  name: 'reserveInventory',
  mostCalls,
  mostKeys,
  mostGroups,
  keysOf: ({ lines }) =>
    lines.flatMap(({ skuId, locationId }) => (locationId ? [skuId, levelId(skuId, locationId)] : [skuId])),
  async work(calls, session) {
    const checked = calls.map(({ context, input }) => orderOf(context, input))
    const orders = checked.flatMap((each) => ('lines' in each ? each : []))
    const [first] = calls
    if (!first) return []
    const outcomes = (orders.length > 0 ? await reserveOrders(first.context, orders, session) : []).values()
    return checked.map((each, index) => {
      const outcome = 'lines' in each ? outcomes.next().value : each
      if (!outcome) throw new Error('an order was not answered')
      // Its own request is answered with what is known here instead of reading it again.
      if ('id' in outcome) calls[index]?.context.loaders.order.prime(outcome.id, outcome.reservations)
      return 'id' in outcome ? { id: outcome.id, userErrors: [] } : { id: null, userErrors: outcome.userErrors }
    })
  },
})

/** Holds stock in the name of the caller's organization; the operator may name another. */
export async function reserveInventory(
  context: InventoryContext,
  call: { readonly input: ReserveInventoryInput; readonly idempotencyKey?: string | null | undefined },
) {
  const { organizationId } = call.input
  const { caller } = context
  if (organizationId && organizationId !== caller.organizationId && !caller.operator) {
    throw new CodedError('FORBIDDEN', 'You can reserve in the name of your own organization only.')
  }
  return reserveInGroups(context, call)
}

/** The order that an input asks for, or what is wrong with it. */
function orderOf(
  { caller, now }: InventoryContext,
  input: ReserveInventoryInput,
): ReservationOrder | { readonly userErrors: readonly UserError[] } {
  const { lines, organizationId, dealId = null, reference = null, ttlMinutes } = input
  const wrong: UserError[] = []
  const sizeError = batchSizeError('lines', lines)
  if (sizeError) wrong.push(sizeError)
  if (organizationId && !isIdOf('Organization', organizationId)) {
    wrong.push({ code: 'NOT_FOUND', field: ['input', 'organizationId'], message: 'There is no such organization.' })
  }
  if (dealId !== null && !isIdOf('DealRegistration', dealId)) {
    wrong.push({ code: 'NOT_FOUND', field: ['input', 'dealId'], message: 'There is no such deal registration.' })
  }
  const refusal = checkReference(reference) ?? checkTimeToLive(caller, ttlMinutes)
  if (refusal) wrong.push({ ...refusal, field: ['input', refusal.field] })
  const errors = createLineErrors('lines')
  if (!sizeError) {
    for (const [index, { quantity }] of lines.entries()) {
      const each = checkUnits(quantity)
      if (each) errors.add(index, each)
    }
  }
  const userErrors = [...wrong, ...errors.errors]
  if (userErrors.length > 0) return { userErrors }
  return {
    organizationId: organizationId ?? caller.organizationId,
    actor: caller,
    lines: lines.map(({ skuId, locationId = null, quantity }) => ({ skuId, locationId, quantity })),
    dealId,
    reference,
    expiresAt: endOf(now(), ttlMinutes ?? defaultMinutes),
  }
}
