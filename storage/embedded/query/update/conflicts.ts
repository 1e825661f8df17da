import { CommandError } from '../../errors.ts'

/** Refuses two updates of one path, of a path and one inside it, and of an array both by filter and by field. */
export class PathConflicts {
  private readonly taken = new Set<string>()
  /** The paths that others go on from, and whether with `$[]` or `$[name]`. */
  private readonly prefixes = new Map<string, boolean>()

  add(path: string): void {
    if (this.taken.has(path) || this.prefixes.has(path)) throw conflict(path, path)
    for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      const prefix = path.slice(0, dot)
      if (this.taken.has(prefix)) throw conflict(path, prefix)
      const byFilter = path.startsWith('$[', dot + 1)
      if (this.prefixes.get(prefix) === !byFilter) throw conflict(path, prefix)
      this.prefixes.set(prefix, byFilter)
    }
    this.taken.add(path)
  }
}

function conflict(path: string, at: string): CommandError {
  return new CommandError(
    'ConflictingUpdateOperators',
    `Updating the path '${path}' would create a conflict at '${at}'`,
  )
}
