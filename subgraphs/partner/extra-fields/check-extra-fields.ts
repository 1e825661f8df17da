import type { ClientSession } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import type { InputErrors } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import { type ExtraField, type ExtraFieldTarget, edits, mostExtraFields, sees } from './extra-fields.ts'
import type { StoredValue } from './stored-values.ts'
import { type ExtraFieldInput, checkValue } from './value-rules.ts'

interface Values {
  readonly stored: readonly StoredValue[]
  readonly given: readonly ExtraFieldInput[] | null | undefined
  readonly errors: InputErrors
}

/** The values that a create or an edit leaves, by the definitions as they are now; notes what is wrong. */
export async function checkExtraFields(
  { models, caller }: Pick<PartnerContext, 'models' | 'caller'>,
  session: ClientSession,
  { target, ...values }: Values & { readonly target: ExtraFieldTarget },
): Promise<readonly StoredValue[]> {
  return mergeValues(await models.extraFields.inUse([target], session), caller, values)
}

/**
 * What is given is held against its definition; what is required of this caller must be there afterwards. What is
 * stored and not given stays, even where its definition has changed or is retired.
 */
export function mergeValues(
  definitions: readonly ExtraField[],
  caller: Caller,
  { stored, given, errors }: Values,
): readonly StoredValue[] {
  const byKey = new Map(definitions.map((field) => [field.key, field]))
  const values = new Map(stored.map(({ key, value }) => [key, value]))
  const seen = new Set<string>()
  if (given && given.length > mostExtraFields) {
    errors.add(['extraFields'], `There are at most ${mostExtraFields} of them.`)
    return stored
  }
  for (const [index, { key, value }] of (given ?? []).entries()) {
    const path = ['extraFields', String(index)]
    const field = byKey.get(key)
    if (field === undefined || !sees(caller, field)) {
      errors.add([...path, 'key'], `There is no extra field ${key.slice(0, 40)}.`, 'EXTRA_FIELD_UNKNOWN')
    } else if (!edits(caller, field)) {
      errors.add([...path, 'key'], `The platform operator sets ${key}.`, 'EXTRA_FIELD_READ_ONLY')
    } else if (seen.has(key)) {
      errors.add([...path, 'key'], `${key} is given twice.`)
    } else if (value == null) {
      values.delete(key)
    } else {
      const checked = checkValue(field.type, field.rules, value)
      if ('problem' in checked) errors.add([...path, 'value'], checked.problem, 'EXTRA_FIELD_INVALID')
      else values.set(key, checked.value)
    }
    seen.add(key)
  }
  for (const field of definitions) {
    if (!field.required || values.has(field.key) || !edits(caller, field)) continue
    errors.add(['extraFields'], `${field.key} must have a value: ${field.label}.`, 'EXTRA_FIELD_REQUIRED')
  }
  return [...values].map(([key, value]) => ({ key, value }))
}
