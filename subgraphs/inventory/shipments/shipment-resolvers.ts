import { type ConnectionArgs, readConnection } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import { command } from '../command.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { announceShipment } from './announce-shipment.ts'
import { createShipmentMove, rescheduleShipment } from './change-shipment.ts'
import { receiveShipment } from './receive-shipment.ts'
import type { IncomingShipmentDocument, ShipmentFilter, ShipmentLine } from './shipment-model.ts'

const shipmentPayload = ({ id, userErrors }: MutationOutcome, { loaders }: InventoryContext) => ({
  shipment: id === null ? null : loaders.shipment.load(id),
  userErrors,
})
const byId = { payload: shipmentPayload, contended: ({ id }: { id: string }) => [id] }

export const shipmentResolvers: Resolvers<InventoryContext> = {
  Query: {
    incomingShipments: (_: unknown, args: ConnectionArgs & ShipmentFilter, { models }: InventoryContext) =>
      readConnection<IncomingShipmentDocument>(args, {
        sortField: 'expectedAt',
        direction: 1,
        read: (page) => models.shipments.page(args, page),
        count: () => models.shipments.count(args),
      }),
    incomingShipment: (_: unknown, { id }: { id: string }, { loaders }: InventoryContext) => loaders.shipment.load(id),
  },
  Mutation: {
    announceShipment: command('announceShipment', announceShipment, {
      payload: shipmentPayload,
      contended: ({ reference }) => [reference],
      operatorOnly: 'announces shipments',
    }),
    dispatchShipment: command('dispatchShipment', createShipmentMove('IN_TRANSIT'), {
      ...byId,
      operatorOnly: 'dispatches shipments',
    }),
    rescheduleShipment: command('rescheduleShipment', rescheduleShipment, {
      ...byId,
      operatorOnly: 'reschedules shipments',
    }),
    receiveShipment: command('receiveShipment', receiveShipment, { ...byId, operatorOnly: 'receives shipments' }),
    cancelShipment: command('cancelShipment', createShipmentMove('CANCELLED'), {
      ...byId,
      operatorOnly: 'cancels shipments',
    }),
  },
  IncomingShipment: {
    id: ({ _id }: IncomingShipmentDocument) => _id,
    location: ({ locationId }: IncomingShipmentDocument, _: unknown, { loaders }: InventoryContext) =>
      loaders.location.load(locationId),
    __resolveReference: ({ id }: { id: string }, { loaders }: InventoryContext) => loaders.shipment.load(id),
  },
  IncomingShipmentLine: {
    sku: ({ skuId }: ShipmentLine) => ({ id: skuId }),
  },
}
