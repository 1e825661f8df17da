// The fields that most documents of billing are made of, as mongoose takes them.
export const text = { type: String, required: true } as const
export const optionalText = { type: String, default: null } as const
export const moment = { type: Date, required: true } as const
export const optionalMoment = { type: Date, default: null } as const
export const wholeNumber = { type: Number, required: true, validate: Number.isSafeInteger } as const
export const flag = { type: Boolean, required: true } as const
