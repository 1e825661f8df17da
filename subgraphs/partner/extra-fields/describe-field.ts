import type { ClientSession } from 'mongoose'
import type { InputErrors } from '../input.ts'
import type { PartnerContext } from '../partner-context.ts'
import type { ExtraFieldRulesInput } from './check-definition.ts'
import type { ExtraField, ExtraFieldAudience } from './extra-fields.ts'

/** What an input says of a definition. */
export interface Definition {
  readonly label?: string | null
  readonly help?: string | null
  readonly required?: boolean | null
  readonly position?: number | null
  readonly rules?: ExtraFieldRulesInput | null
  readonly visibleTo?: ExtraFieldAudience | null
  readonly editableBy?: ExtraFieldAudience | null
}

/** What of a definition can be changed, besides its rules. */
type Described = Pick<ExtraField, 'label' | 'help' | 'required' | 'position' | 'visibleTo' | 'editableBy'>

/** What an input makes of a definition; notes what is wrong with it. */
export function describe(before: Described, input: Definition, errors: InputErrors): Described {
  const help = input.help === undefined ? before.help : input.help?.trim() || null
  if (help !== null && help.length > 500) errors.add(['help'], 'This has at most 500 characters.')
  return {
    label: input.label == null ? before.label : errors.text(['label'], input.label, 100),
    help,
    required: input.required ?? before.required,
    position: input.position == null ? before.position : errors.whole(['position'], input.position, [0, 10_000]),
    visibleTo: input.visibleTo ?? before.visibleTo,
    editableBy: input.editableBy ?? before.editableBy,
  }
}

/** Forms of partners follow the fields that they see; the others are the operator's own. */
export function noteDefinition(
  { events, caller }: PartnerContext,
  session: ClientSession,
  type: string,
  field: ExtraField,
) {
  const { _id, target, key, retired, visibleTo } = field
  const audience = visibleTo === 'PARTNER' ? [] : [caller.organizationId]
  return events.append(session, { type, subject: _id, audience, data: { target, key, retired } })
}
