import { collStats, create, dbStats, drop, dropDatabase, listCollections, listDatabases } from './collections.ts'
import type { Command } from './command.ts'
import { aggregate } from './aggregate.ts'
import { explain } from './explain.ts'
import { collMod } from './coll-mod.ts'
import { count } from './count.ts'
import { deleteCommand } from './delete.ts'
import { distinct } from './distinct.ts'
import { find } from './find.ts'
import { findAndModify } from './find-and-modify.ts'
import { getMore } from './get-more.ts'
import { hello, isMaster } from './hello.ts'
import { createIndexes, dropIndexes, listIndexes } from './indexes.ts'
import { insert } from './insert.ts'
import { killCursors } from './kill-cursors.ts'
import { buildInfo, connectionStatus, endSessions, getParameter, ping, serverStatus } from './server-status.ts'
import { abortTransaction, commitTransaction } from './transactions.ts'
import { update } from './update.ts'

/** Every command that there is. */
const commands: readonly Command[] = [
  hello,
  isMaster,
  ping,
  buildInfo,
  serverStatus,
  connectionStatus,
  getParameter,
  find,
  getMore,
  killCursors,
  aggregate,
  explain,
  count,
  distinct,
  insert,
  update,
  deleteCommand,
  findAndModify,
  create,
  collMod,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  collStats,
  dbStats,
  createIndexes,
  listIndexes,
  dropIndexes,
  endSessions,
  commitTransaction,
  abortTransaction,
]

const byName = new Map(
  commands.flatMap((command) => [command.name, ...(command.aliases ?? [])].map((name) => [name, command])),
)

export function commandNamed(name: string): Command | undefined {
  return byName.get(name)
}
