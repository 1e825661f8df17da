import { CommandError, unsupported } from '../errors.ts'
import type { Doc } from '../query/bson.ts'
import { compileFilter } from '../query/compile-filter.ts'
import { isDoc } from '../query/value-type.ts'
import type { Collection } from './collection.ts'

type Validator = { readonly matches: (doc: Doc) => boolean; readonly moderate: boolean }

const validators = new WeakMap<Collection, Validator>()

/** Reads `validator`, `validationLevel` and `validationAction` of create and collMod, as the collection keeps them. */
export function readValidation({ validator, validationLevel, validationAction }: Doc): Doc {
  if (validator !== undefined) {
    if (!isDoc(validator)) throw new CommandError('TypeMismatch', 'validator must be an object')
    compileFilter(validator)
  }
  if (validationLevel !== undefined && !['off', 'strict', 'moderate'].includes(validationLevel as string)) {
    throw new CommandError('BadValue', 'validationLevel must be off, strict or moderate')
  }
  if (validationAction === 'warn') throw unsupported('InvalidOptions', "the validationAction 'warn'")
  if (validationAction !== undefined && validationAction !== 'error') {
    throw new CommandError('BadValue', 'validationAction must be error or warn')
  }
  return {
    ...(validator === undefined ? {} : { validator }),
    ...(validationLevel === undefined ? {} : { validationLevel }),
    ...(validationAction === undefined ? {} : { validationAction }),
  }
}

/** Throws for a document that the collection must not hold; moderately, only if it held a valid one before. */
export function checkValid(collection: Collection, after: Doc, before?: Doc): void {
  const { validator, validationLevel } = collection.options
  if (!isDoc(validator) || validationLevel === 'off') return
  let known = validators.get(collection)
  if (known === undefined) {
    known = { matches: compileFilter(validator), moderate: validationLevel === 'moderate' }
    validators.set(collection, known)
  }
  if (known.matches(after) || (known.moderate && before !== undefined && !known.matches(before))) return
  throw new CommandError('DocumentValidationFailure', 'Document failed validation', {
    errInfo: { failingDocumentId: after['_id'] },
  })
}
