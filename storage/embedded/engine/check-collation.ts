import { CommandError, unsupported } from '../errors.ts'
import { isDoc } from '../query/value-type.ts'

/** Strings are compared by their bytes, which is the collation called simple. Any other is refused. */
export function checkCollation(collation: unknown): void {
  if (!isDoc(collation)) throw new CommandError('TypeMismatch', 'collation must be an object')
  if (collation['locale'] === 'simple' && Object.keys(collation).length === 1) return
  throw unsupported('InvalidOptions', 'a collation other than { locale: "simple" }')
}
