import { CommandError } from '../../errors.ts'

/** Refuses two updates of one path, and of a path and one inside it. */
export class PathConflicts {
  private readonly taken = new Set<string>()
  private readonly prefixes = new Set<string>()

  add(path: string): void {
    if (this.taken.has(path) || this.prefixes.has(path)) throw conflict(path, path)
    for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      const prefix = path.slice(0, dot)
      if (this.taken.has(prefix)) throw conflict(path, prefix)
      this.prefixes.add(prefix)
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
