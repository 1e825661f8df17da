import DataLoader from 'dataloader'
import type { Caller } from '../../../kit/caller.ts'
import { type ExtraField, type ExtraFieldTarget, sees } from './extra-fields.ts'
import type { StoredValue } from './stored-values.ts'

/** An extra field of an entity with its value, as the graph answers it. */
export interface ExtraFieldValue {
  readonly key: string
  readonly value: string | null
  readonly field: ExtraField
}

/** Pairs stored values with the definitions in use that a caller sees, which are read once per request. */
export function createExtraFieldValues(
  readDefinitions: (targets: readonly ExtraFieldTarget[]) => Promise<readonly ExtraField[]>,
  caller: Caller,
) {
  const definitions = new DataLoader<ExtraFieldTarget, readonly ExtraField[]>(async (targets) => {
    const fields = (await readDefinitions(targets)).filter((field) => sees(caller, field))
    return targets.map((target) => fields.filter((field) => field.target === target))
  })
  return async (target: ExtraFieldTarget, stored: readonly StoredValue[]): Promise<readonly ExtraFieldValue[]> => {
    const values = new Map(stored.map(({ key, value }) => [key, value]))
    return (await definitions.load(target)).map((field) => ({
      key: field.key,
      value: values.get(field.key) ?? null,
      field,
    }))
  }
}
