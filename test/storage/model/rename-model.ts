import type { Document } from 'bson'
import { compare } from './order.ts'
import { spell } from './spell.ts'
import type { Change } from './update-operators.ts'
import { child, isIndex } from './update-paths.ts'
import { refuse, Unspecified } from './unspecified.ts'

/** Refuses a `$rename` that could be right for no document. */
export function calculable(source: string, target: unknown): void {
  if (typeof target !== 'string' || source === target) refuse(2)
  if (`${source}.`.startsWith(`${target}.`) || `${target}.`.startsWith(`${source}.`)) refuse(2)
  if ([...source.split('.'), ...target.split('.')].some((part) => part === '$' || part.startsWith('$['))) refuse(2)
}

/** What a `$rename` does at its new name; nothing where there is no old one. The old one is unset besides. */
export function renameChanges(original: Document, target: readonly string[], source: string): Change | undefined {
  const value = readOutsideArrays(original, source.split('.'))
  if (value === undefined) return undefined
  for (let depth = 1; depth < target.length; depth++) {
    if (Array.isArray(target.slice(0, depth).reduce<unknown>(child, original))) refuse(2)
  }
  return {
    kind: 'makes',
    of(old) {
      if (old !== undefined && compare(old, value) === 0 && spell(old) !== spell(value)) {
        throw new Unspecified('a rename to an equal value of another type')
      }
      return value
    },
  }
}

function readOutsideArrays(original: Document, path: readonly string[]): unknown {
  let value: unknown = original
  let insideArray = false
  for (const part of path) {
    if (value === undefined) return undefined
    const holdsIt = Array.isArray(value) ? isIndex(part) : typeof value === 'object' && value !== null
    if (!holdsIt || isScalarObject(value)) refuse(28)
    insideArray ||= Array.isArray(value)
    value = child(value, part)
  }
  return value !== undefined && insideArray ? refuse(2) : value
}

function isScalarObject(value: unknown): boolean {
  return value instanceof Date || (typeof value === 'object' && value !== null && '_bsontype' in value)
}
