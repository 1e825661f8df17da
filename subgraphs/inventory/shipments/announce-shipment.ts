import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import { MutationRefused, type UserError, isDuplicateKey, refuse } from '../../../storage/mutate.ts'
import type { InventoryContext } from '../inventory-context.ts'
import { checkUnits } from '../levels/level-rules.ts'
import { type LineRefusal, checkBatchSize, createLineErrors } from '../levels/line-errors.ts'
import { createLevelOpener } from '../levels/new-levels.ts'
import { shipmentEvent } from './shipment-events.ts'
import { checkExpectedAt, checkShipmentTexts } from './shipment-rules.ts'

export interface AnnounceShipmentInput {
  readonly reference: string
  readonly supplier: string
  readonly locationId: string
  readonly expectedAt: Date
  readonly lines: readonly { readonly skuId: string; readonly quantity: number }[]
}

/** Notes goods that are to arrive at a warehouse. */
export async function announceShipment(
  { models, events, now }: InventoryContext,
  input: AnnounceShipmentInput,
  session: ClientSession,
): Promise<string> {
  checkBatchSize('lines', input.lines)
  const at = now()
  const wrong: UserError[] = [...checkShipmentTexts(input), ...checkExpectedAt(input.expectedAt, at)]
  if (wrong.length > 0) throw new MutationRefused(wrong)
  const errors = createLineErrors('lines')
  const seen = new Set<string>()
  const { locationId } = input
  const places = input.lines.map(({ skuId }) => ({ skuId, locationId }))
  const opener = await createLevelOpener(models, session, places)
  for (const [index, { skuId, quantity }] of input.lines.entries()) {
    const refusal = checkUnits(quantity) ?? (seen.has(skuId) ? repeated : opener.refusal({ skuId, locationId }))
    seen.add(skuId)
    if (refusal) errors.add(index, refusal)
  }
  errors.check()
  const shipment = {
    _id: createId('IncomingShipment'),
    reference: input.reference,
    supplier: input.supplier,
    locationId,
    state: 'ANNOUNCED',
    open: true,
    expectedAt: input.expectedAt,
    lines: input.lines.map(({ skuId, quantity }) => ({ skuId, quantity, received: 0 })),
    version: 1,
    createdAt: at,
    updatedAt: at,
  } as const
  try {
    await models.shipments.insert([shipment], session)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    const message = `Another shipment has the reference ${input.reference}; change that one, or choose another.`
    throw refuse('DUPLICATE_REFERENCE', ['input', 'reference'], message)
  }
  await events.append(session, shipmentEvent(shipment, 'ANNOUNCED'))
  return shipment._id
}

const repeated: LineRefusal = { code: 'INVALID_BATCH', field: 'skuId', message: 'This SKU occurs on a line before.' }
