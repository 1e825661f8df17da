import { CommandError } from '../errors.ts'
import { isLong } from '../query/value-type.ts'
import { listArgument } from './arguments.ts'
import type { Command } from './command.ts'

/** https://www.mongodb.com/docs/manual/reference/command/killCursors/ */
export const killCursors: Command = {
  name: 'killCursors',
  options: ['cursors'],
  inTransaction: true,
  async run({ engine, body }) {
    const cursorsKilled: unknown[] = []
    const cursorsNotFound: unknown[] = []
    for (const id of listArgument(body, 'cursors')) {
      if (!isLong(id)) throw new CommandError('TypeMismatch', 'cursors must hold cursor ids')
      ;(engine.cursors.kill(id) ? cursorsKilled : cursorsNotFound).push(id)
    }
    return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] }
  },
}
