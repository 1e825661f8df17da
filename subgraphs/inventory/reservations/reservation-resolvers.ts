import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import { type CommandTarget, requireOperator } from '../../../storage/command-target.ts'
import { command } from '../command.ts'
import type { DealStockDocument } from '../deals/deal-stock-model.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { extendReservation } from './extend-reservation.ts'
import { createReservationMove } from './move-reservation.ts'
import type { ReservationDocument, ReservationFilter } from './reservation-model.ts'
import type { ReservationState } from './reservation-state.ts'
import { type ReserveInventoryInput, reserveInventory } from './reserve-inventory.ts'

interface ListArgs extends ConnectionArgs {
  readonly organizationId?: string | null
  readonly state?: ReservationState | null
  readonly skuId?: string | null
  readonly dealId?: string | null
  readonly reference?: string | null
}

interface Call<Input> {
  readonly input: Input
  readonly idempotencyKey?: string | null
}

const reservationPayload = ({ id, userErrors }: MutationOutcome, { loaders }: InventoryContext) => ({
  reservation: id === null ? null : loaders.reservation.load(id),
  userErrors,
})

const moves = {
  commit: createReservationMove('commitReservation', 'COMMITTED'),
  release: createReservationMove('releaseReservation', 'RELEASED'),
  fulfil: createReservationMove('fulfilReservation', 'FULFILLED'),
}

export const reservationResolvers: Resolvers<InventoryContext> = {
  Query: {
    reservations: (_: unknown, { first, after, ...wanted }: ListArgs, { models, caller }: InventoryContext) => {
      const filter = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value)) as ReservationFilter
      return readConnection<ReservationDocument>(
        { ...(first ? { first } : {}), ...(after ? { after } : {}) },
        {
          sortField: '_id',
          direction: -1,
          read: (page) => models.reservations.page(caller, filter, page),
          count: () => models.reservations.count(caller, filter),
        },
      )
    },
    reservation: (_: unknown, { id }: { id: string }, { loaders }: InventoryContext) => loaders.reservation.load(id),
  },
  Mutation: {
    reserveInventory: async (_: unknown, call: Call<ReserveInventoryInput>, context: InventoryContext) => {
      const { id, userErrors } = await reserveInventory(context, call)
      return { reservations: id === null ? null : context.loaders.order.load(id), userErrors }
    },
    commitReservation: async (_: unknown, call: Call<CommandTarget>, context: InventoryContext) =>
      reservationPayload(await moves.commit(context, call), context),
    releaseReservation: async (_: unknown, call: Call<CommandTarget>, context: InventoryContext) =>
      reservationPayload(await moves.release(context, call), context),
    fulfilReservation: async (_: unknown, call: Call<CommandTarget>, context: InventoryContext) => {
      requireOperator(context, 'says that goods have left')
      return reservationPayload(await moves.fulfil(context, call), context)
    },
    extendReservation: command('extendReservation', extendReservation, {
      payload: reservationPayload,
      contended: ({ id }) => [id],
    }),
  },
  Reservation: {
    id: ({ _id }: ReservationDocument) => _id,
    organization: ({ organizationId }: ReservationDocument) => ({ id: organizationId }),
    sku: ({ skuId }: ReservationDocument) => ({ id: skuId }),
    location: ({ locationId }: ReservationDocument, _: unknown, { loaders }: InventoryContext) =>
      loaders.location.load(locationId),
    level: ({ levelId }: ReservationDocument, _: unknown, { loaders }: InventoryContext) => loaders.level.load(levelId),
    deal: ({ dealId }: ReservationDocument) => (dealId === null ? null : { id: dealId }),
    allocation: ({ allocationId }: ReservationDocument, _: unknown, { loaders }: InventoryContext) =>
      allocationId === null ? null : loaders.allocation.load(allocationId),
    __resolveReference: ({ id }: { id: string }, { loaders }: InventoryContext) => loaders.reservation.load(id),
  },
  DealRegistration: {
    reservations: ({ id }: { id: string }, args: ConnectionArgs, { loaders }: InventoryContext) =>
      loaders.reservationsOfDeal(id, args),
    stockHold: ({ id }: { id: string }, _: unknown, { loaders }: InventoryContext) => loaders.dealStock.load(id),
  },
  DealStockHold: {
    held: ({ orderId }: DealStockDocument) => orderId !== null,
  },
}
