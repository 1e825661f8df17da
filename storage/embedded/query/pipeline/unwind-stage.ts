import { Long } from 'bson'
import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { fieldOf, setField } from '../field-path.ts'
import { isDoc, typeOf } from '../value-type.ts'
import type { StageCompiler } from './stage.ts'

export const compileUnwind: StageCompiler = (spec) => {
  const { parts, indexPath, preserve } = parseUnwind(spec)
  const take = (doc: Doc, emit: (doc: Doc) => void): void => {
    const value = valueAt(doc, parts)
    const emitWith = (element: unknown, index: Long | null): void => {
      const result = element === value ? doc : withValueAt(doc, parts, element)
      emit(indexPath === undefined ? result : withValueAt(result, indexPath, index))
    }
    if (!Array.isArray(value)) {
      if (preserve || (value !== undefined && value !== null)) emitWith(value, null)
    } else if (value.length > 0) {
      for (const [index, element] of value.entries()) emitWith(element, Long.fromNumber(index))
    } else if (preserve) {
      emitWith(undefined, null)
    }
  }
  return [{ kind: 'each', start: () => ({ take }) }]
}

function parseUnwind(spec: unknown): { parts: string[]; indexPath: string[] | undefined; preserve: boolean } {
  if (!isDoc(spec)) return { parts: pathOf(spec), indexPath: undefined, preserve: false }
  const { path, includeArrayIndex: index, preserveNullAndEmptyArrays: preserve = false, ...others } = spec
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined) throw new CommandError('Location28811', `unrecognized option to $unwind stage: ${unknown}`)
  if (typeof preserve !== 'boolean') {
    throw new CommandError(
      'Location28809',
      'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage',
    )
  }
  if (index !== undefined && (typeof index !== 'string' || index === '')) {
    throw new CommandError(
      'Location28810',
      'expected a non-empty string for the includeArrayIndex option to $unwind stage',
    )
  }
  if (index?.startsWith('$') === true) {
    throw new CommandError(
      'Location28822',
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${index}`,
    )
  }
  return { parts: pathOf(path), indexPath: index?.split('.'), preserve }
}

function pathOf(path: unknown): string[] {
  if (path === undefined) throw new CommandError('Location28812', 'no path specified to $unwind stage')
  if (typeof path !== 'string') {
    throw new CommandError('Location28808', `expected a string as the path for $unwind stage, got ${typeOf(path)}`)
  }
  if (!path.startsWith('$')) {
    throw new CommandError('Location28818', `path option to $unwind stage should be prefixed with a '$': ${path}`)
  }
  return path.slice(1).split('.')
}

function valueAt(doc: Doc, parts: readonly string[]): unknown {
  return parts.reduce<unknown>((value, part) => (isDoc(value) ? fieldOf(value, part) : undefined), doc)
}

/** A copy with the value at a path of documents, or without that field when the value is undefined. */
export function withValueAt(doc: Doc, [part, ...rest]: readonly string[], value: unknown): Doc {
  const field = part as string
  const copy = { ...doc }
  const inner = fieldOf(doc, field)
  const put =
    rest.length === 0
      ? value
      : isDoc(inner) || value !== undefined
        ? withValueAt(isDoc(inner) ? inner : {}, rest, value)
        : inner
  if (put === undefined) delete copy[field]
  else setField(copy, field, put)
  return copy
}
