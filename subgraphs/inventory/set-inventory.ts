import type { ClientSession } from 'mongoose'
import { type AppliedLine, checkBatchSize, createLineErrors, recordBatch } from './batch.ts'
import type { InventoryContext } from './inventory-context.ts'
import { type InventoryLevelDocument, emptyLevel, levelId } from './models/inventory-level.ts'
import { type LineRefusal, checkCount, isRefusal, planCount } from './rules.ts'

interface CountedLevel {
  readonly skuId: string
  readonly locationId: string
  readonly onHand: number
  readonly expectedVersion?: number | null
}

export interface SetInventoryInput {
  readonly levels: readonly CountedLevel[]
}

/** Writes counted on-hand quantities, all or none; a count that changes nothing leaves no trace. */
export async function setInventory(
  context: InventoryContext,
  input: SetInventoryInput,
  session: ClientSession,
): Promise<string> {
  checkBatchSize('levels', input.levels)
  const errors = createLineErrors('levels')
  const lines = input.levels.map((counted) => ({ ...counted, id: levelId(counted.skuId, counted.locationId) }))
  const seen = new Set<string>()
  for (const [index, { id, onHand }] of lines.entries()) {
    const refusal = seen.has(id) ? repeated : checkCount(onHand)
    if (refusal) errors.add(index, refusal)
    seen.add(id)
  }
  errors.check()

  const at = context.now()
  const { levels } = context.models
  const current = new Map((await levels.byIds([...seen], session)).map((level) => [level._id, level]))
  const unknown = await checkNewLevels(
    context,
    session,
    lines.filter(({ id }) => !current.has(id)),
  )
  const created: InventoryLevelDocument[] = []
  const applied: AppliedLine[] = []
  for (const [index, line] of lines.entries()) {
    const level = current.get(line.id)
    const refusal = unknown.get(line) ?? checkVersion(level, line)
    if (refusal) {
      errors.add(index, refusal)
      continue
    }
    if (!level) {
      const fresh = { ...emptyLevel(line.skuId, line.locationId, at), available: line.onHand }
      created.push(fresh)
      applied.push({ level: fresh, reason: 'CORRECTION', changes: { available: line.onHand } })
      continue
    }
    const plan = planCount(level, line.onHand)
    if (isRefusal(plan)) {
      errors.add(index, plan)
      continue
    }
    if (plan.increments.available === 0) continue
    // A transaction's operations must not overlap.
    const changed = await levels.change(session, line.id, plan, at)
    // The transaction read this version a moment ago: another writer makes it conflict and run again, never come here.
    if (!changed) throw new Error(`level ${line.id} changed inside the transaction that read it`)
    applied.push({ level: changed, reason: 'CORRECTION', changes: plan.increments })
  }
  errors.check()
  if (created.length > 0) await levels.insert(created, session)
  return recordBatch(context, session, { levelIds: lines.map(({ id }) => id), applied, at })
}

/** Why lines whose level does not exist yet may not begin one, by line. */
async function checkNewLevels<Line extends CountedLevel>(
  { models }: InventoryContext,
  session: ClientSession,
  lines: readonly Line[],
): Promise<ReadonlyMap<Line, LineRefusal>> {
  const refusals = new Map<Line, LineRefusal>()
  if (lines.length === 0) return refusals
  const skuIds = new Set(await models.levels.knownSkus([...new Set(lines.map(({ skuId }) => skuId))], session))
  const locations = await models.locations.byIds([...new Set(lines.map(({ locationId }) => locationId))])
  const locationIds = new Set(locations.map(({ _id }) => _id))
  for (const line of lines) {
    if (!locationIds.has(line.locationId)) refusals.set(line, unknownLocation)
    else if (!skuIds.has(line.skuId)) refusals.set(line, unknownSku)
  }
  return refusals
}

function checkVersion(
  level: InventoryLevelDocument | undefined,
  { expectedVersion }: CountedLevel,
): LineRefusal | undefined {
  if (expectedVersion === undefined || expectedVersion === null || expectedVersion === level?.version) return undefined
  const message = level
    ? `The level has version ${level.version} by now, not ${expectedVersion}; read it again.`
    : 'There is no such level yet; leave expectedVersion out to begin one.'
  return { code: 'STALE_VERSION', field: 'expectedVersion', message }
}

const repeated: LineRefusal = {
  code: 'INVALID_BATCH',
  field: 'skuId',
  message: 'This SKU and warehouse occur on a line before.',
}
const unknownLocation: LineRefusal = {
  code: 'LOCATION_NOT_FOUND',
  field: 'locationId',
  message: 'There is no such warehouse.',
}
const unknownSku: LineRefusal = {
  code: 'SKU_NOT_FOUND',
  field: 'skuId',
  message: 'This SKU is not kept at any warehouse; check its id.',
}
