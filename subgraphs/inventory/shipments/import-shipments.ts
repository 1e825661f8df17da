import type { ImportColumn, ImportContext, ImportLine, ImportRefusal, Importer } from '../../../kit/background.ts'
import { createId } from '../../../kit/ids.ts'
import { checkUnits } from '../levels/level-rules.ts'
import { maxBatchLines } from '../levels/line-errors.ts'
import type { InventoryModels } from '../models.ts'
import { isImportRefusal, resolvePlaces } from '../skus/resolve-places.ts'
import { shipmentEvent } from './shipment-events.ts'
import type { IncomingShipmentDocument, ShipmentLine } from './shipment-model.ts'
import { checkExpectedAt, checkShipmentTexts } from './shipment-rules.ts'

const columns: readonly ImportColumn[] = [
  { name: 'reference', description: "The sender's number of the shipment.", required: true, type: 'text' },
  { name: 'supplier', description: 'Who sends it.', required: true, type: 'text' },
  { name: 'location', description: 'The code of the warehouse.', required: true, type: 'text' },
  { name: 'expectedAt', description: 'When it is to arrive.', required: true, type: 'moment' },
  { name: 'skuId', description: "The SKU's id; or give skuCode.", required: false, type: 'text' },
  { name: 'skuCode', description: "The SKU's code; or give skuId.", required: false, type: 'text' },
  { name: 'quantity', description: 'Units of the SKU that are announced.', required: true, type: 'integer' },
]

/** A shipment as lines have made or changed it so far. */
interface Draft {
  readonly before: IncomingShipmentDocument | null
  after: Omit<IncomingShipmentDocument, 'words'>
  changed: boolean
}

/** Announced goods: the lines of one reference are one shipment, and a line says how much of a SKU it brings. */
export const importShipments: Importer<InventoryModels> = {
  kind: 'incoming-shipments',
  description: 'One SKU of an announced shipment; a line that comes again replaces what it said before.',
  scope: 'inventory:write',
  columns,
  async apply(context, lines, session) {
    const { models, events } = context
    const places = await resolvePlaces(models, lines, session)
    const references = [...new Set(lines.map(({ values }) => String(values['reference'])))]
    const drafts = new Map<string, Draft>(
      (await models.shipments.byReferences(references, session)).map((before) => [
        before.reference,
        { before, after: before, changed: false },
      ]),
    )
    const refusals: ImportRefusal[] = []
    for (const [line, place] of places) {
      const refusal = isImportRefusal(place) ? place : applyLine(context, drafts, { line, ...place })
      if (refusal) refusals.push(refusal)
    }
    const changed = [...drafts.values()].filter((draft) => draft.changed)
    const fresh = changed.flatMap(({ before, after }) => (before === null ? after : []))
    await models.shipments.insert(fresh, session)
    const updates = changed.flatMap(({ before, after: { lines: all, expectedAt, updatedAt } }) =>
      before === null ? [] : [{ before, fields: { lines: all, expectedAt, updatedAt } }],
    )
    if (!(await models.shipments.update(session, updates))) throw new Error('a shipment changed inside its transaction')
    if (fresh.length > 0) await events.append(session, ...fresh.map((shipment) => shipmentEvent(shipment, 'ANNOUNCED')))
    return refusals
  },
}

function applyLine(
  { now }: ImportContext<InventoryModels>,
  drafts: Map<string, Draft>,
  { line, skuId, locationId }: { readonly line: ImportLine; readonly skuId: string; readonly locationId: string },
): ImportRefusal | undefined {
  const { reference, supplier, expectedAt, quantity } = line.values
  const at = now()
  const refuse = (column: string, code: string, message: string): ImportRefusal => ({
    line: line.number,
    column,
    code,
    message,
  })
  const texts = { reference: String(reference), supplier: String(supplier) }
  const units = Number(quantity)
  const draft = drafts.get(texts.reference)
  const moment = expectedAt instanceof Date ? expectedAt : new Date(Number.NaN)
  const sameMoment = draft?.after.expectedAt.getTime() === moment.getTime()
  const [wrong] = [...checkShipmentTexts(texts), ...(sameMoment ? [] : checkExpectedAt(moment, at))]
  if (wrong) return refuse(wrong.field?.at(-1) ?? 'reference', wrong.code, wrong.message)
  const wrongUnits = checkUnits(units)
  if (wrongUnits) return refuse(wrongUnits.field, wrongUnits.code, wrongUnits.message)
  if (!draft) {
    drafts.set(texts.reference, begin({ ...texts, locationId, expectedAt: moment, at }, { skuId, quantity: units }))
    return undefined
  }
  const { after } = draft
  const known = after.lines.find((each) => each.skuId === skuId)
  if (after.locationId !== locationId) {
    return refuse('location', 'OTHER_LOCATION', 'The shipment goes to another warehouse; announce a second one.')
  }
  if (known?.quantity === units && sameMoment) return undefined
  if (!after.open) return refuse('reference', 'ILLEGAL_TRANSITION', `The shipment is ${after.state}; it is final.`)
  if (known && units < known.received) {
    return refuse('quantity', 'BELOW_RECEIVED', `${known.received} units of it have arrived already.`)
  }
  if (!known && after.lines.length >= maxBatchLines) {
    return refuse('skuId', 'INVALID_BATCH', `A shipment has at most ${maxBatchLines} SKUs; announce a second one.`)
  }
  const next: ShipmentLine = { skuId, quantity: units, received: known?.received ?? 0 }
  const rest = after.lines.map((each) => (each.skuId === skuId ? next : each))
  draft.after = { ...after, expectedAt: moment, updatedAt: at, lines: known ? rest : [...rest, next] }
  draft.changed = true
  return undefined
}

function begin(
  shipment: Pick<IncomingShipmentDocument, 'reference' | 'supplier' | 'locationId' | 'expectedAt'> & { at: Date },
  line: Omit<ShipmentLine, 'received'>,
): Draft {
  const { at, ...rest } = shipment
  const after = {
    _id: createId('IncomingShipment'),
    ...rest,
    state: 'ANNOUNCED',
    open: true,
    lines: [{ ...line, received: 0 }],
    version: 1,
    createdAt: at,
    updatedAt: at,
  } as const
  return { before: null, after, changed: true }
}
