import type { ClientSession } from 'mongoose'
import type { InventoryContext } from '../inventory-context.ts'
import { openStock } from '../stock/open-stock.ts'
import { type InventoryLevelDocument, levelId } from './level-model.ts'
import { checkCount, closedRefusal, isRefusal, planCount } from './level-rules.ts'
import { type LineRefusal, checkBatchSize, createLineErrors } from './line-errors.ts'
import { createLevelOpener } from './new-levels.ts'

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

  const stock = await openStock(context, session, { levelIds: [...seen] })
  const opener = await createLevelOpener(
    context.models,
    session,
    lines.filter(({ id }) => !stock.level(id)),
  )
  const cause = { reason: 'CORRECTION', actor: context.caller } as const
  for (const [index, line] of lines.entries()) {
    const known = stock.level(line.id)
    const refusal = (known ? undefined : opener.refusal(line)) ?? checkVersion(known, line)
    if (refusal) {
      errors.add(index, refusal)
      continue
    }
    const level = known ?? stock.begin(line.skuId, line.locationId)
    const counted = planCount(level, line.onHand)
    const plan = isRefusal(counted) ? counted : (closedRefusal(level, counted) ?? counted)
    if (isRefusal(plan)) errors.add(index, plan)
    else if (plan.available !== 0 || !known) stock.change(line.id, plan, cause)
  }
  errors.check()
  await stock.write()
  const { appId, organizationId } = context.caller
  const levelIds = lines.map(({ id }) => id)
  return context.models.ledger.recordBatch(session, { levelIds, appId, organizationId, occurredAt: stock.at })
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
