import type { ClientSession, Connection } from 'mongoose'
import type { Caller } from '../../../kit/caller.ts'
import type { ConnectionArgs } from '../../../kit/connection.ts'
import { bindModel, embeddedSchema } from '../../../storage/documents.ts'
import { createDocuments, given } from '../documents.ts'
import { type ExtraFieldRules, type ExtraFieldType, extraFieldTypes } from './value-rules.ts'

export const extraFieldTargets = ['ORGANIZATION', 'MEMBER', 'APP'] as const
export type ExtraFieldTarget = (typeof extraFieldTargets)[number]
export type ExtraFieldAudience = 'PARTNER' | 'OPERATOR'

/** The definition of an extra field. */
export interface ExtraField {
  readonly _id: string
  readonly target: ExtraFieldTarget
  readonly key: string
  readonly label: string
  readonly help: string | null
  readonly type: ExtraFieldType
  readonly required: boolean
  readonly position: number
  readonly rules: ExtraFieldRules
  readonly visibleTo: ExtraFieldAudience
  readonly editableBy: ExtraFieldAudience
  readonly retired: boolean
  readonly version: number
}

/** Of one target, retired ones included: all of them are read with every form. */
export const mostExtraFields = 100

const text = { type: String, required: true } as const
const optionalText = { type: String, default: null } as const
const optionalNumber = { type: Number, default: null } as const
const rules = embeddedSchema<ExtraFieldRules>({
  minLength: optionalNumber,
  maxLength: optionalNumber,
  minimum: optionalText,
  maximum: optionalText,
  earliest: optionalText,
  latest: optionalText,
  options: { type: [String], required: true },
})

/** What of the definitions a caller sees: those for the operator alone are not there for a partner. */
const visibleTo = (caller: Caller) => (caller.operator ? {} : { visibleTo: 'PARTNER' })

/** The definitions of extra fields, the same for every partner. */
export function createExtraFields(connection: Connection) {
  const model = bindModel<ExtraField>(connection, 'ExtraField', {
    collection: 'partner_extra_fields',
    fields: {
      target: { ...text, enum: extraFieldTargets },
      key: text,
      label: text,
      help: optionalText,
      type: { ...text, enum: extraFieldTypes },
      required: { type: Boolean, required: true },
      position: { type: Number, required: true },
      rules: { type: rules, required: true },
      visibleTo: text,
      editableBy: text,
      retired: { type: Boolean, required: true },
      version: { type: Number, required: true },
    },
    indexes: [
      [{ target: 1, key: 1 }, { unique: true }],
      [{ position: 1, _id: 1 }],
      [{ target: 1, position: 1, _id: 1 }],
      [{ retired: 1, position: 1, _id: 1 }],
      [{ visibleTo: 1, position: 1, _id: 1 }],
    ],
  })
  const documents = createDocuments(model, 'ExtraField', visibleTo)
  return {
    ...documents,
    /** The definitions in use of some targets, in their order, whoever may see them. */
    inUse: (targets: readonly ExtraFieldTarget[], session: ClientSession | null = null): Promise<ExtraField[]> =>
      model
        .find({ target: { $in: [...targets] }, retired: false }, null, { session, sort: { position: 1, _id: 1 } })
        .limit(mostExtraFields * extraFieldTargets.length)
        .lean<ExtraField[]>(),
    countOf: (target: ExtraFieldTarget, session: ClientSession): Promise<number> =>
      model.countDocuments({ target }, { session }),
    list: (caller: Caller, args: ConnectionArgs & { target?: ExtraFieldTarget | null; retired?: boolean | null }) =>
      documents.page(caller, args, {
        filter: given({ target: args.target, retired: args.retired }),
        sortField: 'position',
        direction: 1,
      }),
  }
}

/** Whether a caller may know of an extra field. */
export function sees({ operator }: Caller, field: ExtraField): boolean {
  return operator || field.visibleTo === 'PARTNER'
}

/** Whether a caller may set an extra field. */
export function edits(caller: Caller, field: ExtraField): boolean {
  return sees(caller, field) && (caller.operator || field.editableBy === 'PARTNER')
}
