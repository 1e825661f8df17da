import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { arrayIndex, fieldOf, splitWritablePath } from '../field-path.ts'
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
        readSource(original, source)
        return undefined
      },
    },
    {
      operator: '$rename',
      path: target,
      missingPath: 'make',
      applies: ({ original }) => {
        if (readSource(original, source) === undefined) return false
        checkTarget(original, target)
        return true
      },
      change: (_old, { original }) => readSource(original, source),
    },
  ]
}

/** The value to be renamed; undefined where there is none. It may be an array, but no element of one. */
function readSource(doc: Doc, path: string): unknown {
  let value: unknown = doc
  let insideArray = false
  for (const part of splitWritablePath(path)) {
    if (value === undefined) return undefined
    const index = arrayIndex(part)
    if (!isDoc(value) && !(Array.isArray(value) && index >= 0)) {
      throw new CommandError('PathNotViable', `cannot use the part '${part}' of '${path}' to traverse the element`)
    }
    insideArray ||= Array.isArray(value)
    value = Array.isArray(value) ? value[index] : fieldOf(value, part)
  }
  if (!insideArray || value === undefined) return value
  throw new CommandError('BadValue', `The source field cannot be an array element, '${path}'`)
}

function checkTarget(doc: Doc, path: string): void {
  let value: unknown = doc
  for (const part of splitWritablePath(path)) {
    if (Array.isArray(value)) {
      throw new CommandError('BadValue', `The destination field cannot be an array element, '${path}'`)
    }
    value = isDoc(value) ? fieldOf(value, part) : undefined
  }
}
