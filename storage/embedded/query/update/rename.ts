import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { fieldOf, splitWritablePath } from '../field-path.ts'
import { isDoc } from '../value-type.ts'
import type { OperatorCompiler } from './field-update.ts'

/** `$rename`: sets the new name to the old one's value and takes the old one away; a missing source does nothing. */
export const rename: OperatorCompiler = (source, target) => {
  if (typeof target !== 'string')
    throw new CommandError('BadValue', `The 'to' field for $rename must be a string: ${source}`)
  if (source === target) {
    throw new CommandError('BadValue', `The source and target field for $rename must differ: ${source}`)
  }
  if (source.startsWith(`${target}.`) || target.startsWith(`${source}.`)) {
    throw new CommandError(
      'BadValue',
      `The source and target field for $rename must not be on the same path: ${source}`,
    )
  }
  for (const path of [source, target]) {
    if (splitWritablePath(path).some((part) => part === '$' || part.startsWith('$['))) {
      throw new CommandError('BadValue', `The source and target field for $rename may not be dynamic: ${path}`)
    }
  }
  return [
    {
      operator: '$rename',
      path: source,
      missingPath: 'ignore',
      change: (_old, { original }) => {
        readOutsideArrays(original, source, 'source')
        return undefined
      },
    },
    {
      operator: '$rename',
      path: target,
      missingPath: 'make',
      applies: ({ original }) => readOutsideArrays(original, source, 'source') !== undefined,
      change: (_old, { original }) => {
        readOutsideArrays(original, target, 'destination')
        return readOutsideArrays(original, source, 'source')
      },
    },
  ]
}

function readOutsideArrays(doc: Doc, path: string, role: string): unknown {
  let value: unknown = doc
  for (const part of splitWritablePath(path)) {
    if (Array.isArray(value)) {
      throw new CommandError('BadValue', `The ${role} field cannot be an array element, '${path}'`)
    }
    if (value !== undefined && !isDoc(value)) {
      throw new CommandError('PathNotViable', `cannot use the part '${part}' of '${path}' to traverse a scalar`)
    }
    value = value === undefined ? undefined : fieldOf(value, part)
  }
  return value
}
