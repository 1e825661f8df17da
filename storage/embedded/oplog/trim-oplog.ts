import type { Engine } from '../engine/engine.ts'
import { tableRange, tables } from '../engine/keys.ts'
import { logKey, trimmedEntry } from './log-position.ts'

/** How far back a change stream can be resumed, and how many bytes of events are kept at most. */
const keptHours = 24
const keptBytes = 512 * 1024 * 1024

const step = 1000

/** Removes the oldest events, step by step. The newest always stays: the clock goes on from it. */
export async function trimOplog({ environment, writer }: Engine): Promise<void> {
  const oldest = BigInt(Math.floor(Date.now() / 1000) - keptHours * 3600) << 32n
  for (;;) {
    const range = { from: tableRange(tables.oplog).from, to: logKey(writer.durable, 0) }
    const removed = await writer.run((unit) => {
      let count = 0
      for (const { key, value } of environment.range(range)) {
        const time = key.readBigUInt64BE(4)
        if ((time >= oldest && writer.logBytes - unit.trimmedBytes <= keptBytes) || count === step) break
        unit.trimmedBytes += value.length
        unit.remove(key)
        const trimmed = trimmedEntry(time)
        unit.put(trimmed.key, trimmed.value)
        count++
      }
      return count
    })
    if (removed < step) return
  }
}
