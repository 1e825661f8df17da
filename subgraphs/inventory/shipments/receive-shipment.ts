import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, checkTarget } from '../../../storage/command-target.ts'
import { changedInside } from '../command.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { levelId } from '../levels/level-model.ts'
import { boundsRefusal, checkUnits, closedRefusal } from '../levels/level-rules.ts'
import { type LineRefusal, checkBatchSize, createLineErrors } from '../levels/line-errors.ts'
import { createLevelOpener } from '../levels/new-levels.ts'
import { type OpenStock, openStock } from '../stock/open-stock.ts'
import { shipmentEvent } from './shipment-events.ts'
import type { IncomingShipmentDocument, ShipmentLine } from './shipment-model.ts'
import { isOpen, shipmentStateMachine } from './shipment-state.ts'

interface ReceivedLine {
  readonly skuId: string
  readonly available?: number | null
  readonly qualityControl?: number | null
  readonly damaged?: number | null
}

export interface ReceiveShipmentInput extends CommandTarget {
  readonly lines: readonly ReceivedLine[]
}

/** Books goods that have arrived into stock, as told by condition. The rest of the shipment stays expected. */
export async function receiveShipment(
  context: InventoryContext,
  input: ReceiveShipmentInput,
  session: ClientSession,
): Promise<string> {
  checkBatchSize('lines', input.lines)
  const { models, events, caller } = context
  const before = checkTarget('shipment', (await models.shipments.byIds([input.id], session))[0], input)
  const illegal = shipmentStateMachine.refusal(before.state, 'PARTLY_RECEIVED')
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)

  const { locationId } = before
  const lines = new Map(before.lines.map((line) => [line.skuId, line]))
  const levelIds = input.lines.map(({ skuId }) => levelId(skuId, locationId))
  const stock = await openStock(context, session, { levelIds })
  const fresh = input.lines.filter(({ skuId }) => !stock.level(levelId(skuId, locationId)))
  const places = fresh.map(({ skuId }) => ({ skuId, locationId }))
  const opener = await createLevelOpener(models, session, places)
  const errors = createLineErrors('lines')
  for (const [index, line] of input.lines.entries()) {
    const announced = lines.get(line.skuId)
    const known = stock.level(levelId(line.skuId, locationId))
    const refusal =
      checkReceived(line, announced) ?? (known ? undefined : opener.refusal({ skuId: line.skuId, locationId }))
    const broken = refusal ?? bookLine(stock, line, { shipment: before, actor: caller })
    if (broken) errors.add(index, broken)
    else if (announced) lines.set(line.skuId, { ...announced, received: announced.received + unitsOf(line) })
  }
  errors.check()
  await stock.write()
  const state = [...lines.values()].every(({ quantity, received }) => received >= quantity)
    ? 'RECEIVED'
    : 'PARTLY_RECEIVED'
  const fields = { state, open: isOpen(state), lines: [...lines.values()], updatedAt: stock.at } as const
  changedInside(await models.shipments.update(session, [{ before, fields }]), before._id)
  await events.append(session, shipmentEvent(before, state))
  return before._id
}

function unitsOf({ available, qualityControl, damaged }: ReceivedLine): number {
  return (available ?? 0) + (qualityControl ?? 0) + (damaged ?? 0)
}

function checkReceived(line: ReceivedLine, announced: ShipmentLine | undefined): LineRefusal | undefined {
  if (!announced) {
    const message = 'The shipment does not announce this SKU; book it with adjustInventory.'
    return { code: 'NOT_ANNOUNCED', field: 'skuId', message }
  }
  for (const field of ['available', 'qualityControl', 'damaged'] as const) {
    const units = line[field] ?? 0
    const refusal = units === 0 ? undefined : checkUnits(units, field)
    if (refusal) return refusal
  }
  const units = unitsOf(line)
  const missing = announced.quantity - announced.received
  if (units >= 1 && units <= missing) return undefined
  const message = `${missing} units of this SKU are still to arrive, not ${units}; book the rest with adjustInventory.`
  return { code: 'INVALID_QUANTITY', field: 'available', message }
}

function bookLine(
  stock: OpenStock,
  line: ReceivedLine,
  { shipment, actor }: { shipment: IncomingShipmentDocument; actor: InventoryContext['caller'] },
): LineRefusal | undefined {
  const { skuId } = line
  const id = levelId(skuId, shipment.locationId)
  if (!stock.level(id)) stock.begin(skuId, shipment.locationId)
  const changes = {
    available: line.available ?? 0,
    qualityControl: line.qualityControl ?? 0,
    damaged: line.damaged ?? 0,
  }
  // Nothing of the line says where: the warehouse is that of the shipment.
  const closed = closedRefusal(stock.level(id), changes, 'skuId')
  if (closed) return closed
  const { _id: subject, reference } = shipment
  const broken = stock.change(id, changes, { reason: 'SHIPMENT_RECEIVED', actor, subject, reference })
  return broken && boundsRefusal(broken, changes, broken)
}
