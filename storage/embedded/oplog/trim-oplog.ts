import type { Engine } from '../engine/engine.ts'
import { encodeLogTime } from '../engine/clock.ts'
import { tableKey, tableRange, tables } from '../engine/keys.ts'

/** How far back a change stream can be resumed, and how many bytes of events are kept at most. */
export const keptHours = 24
const keptBytes = 512 * 1024 * 1024

const step = 1000

/** Removes the oldest events, step by step. The newest always stays: the clock goes on from it. */
export async function trimOplog({ environment, writer }: Engine): Promise<void> {
  const oldest = BigInt(Math.floor(Date.now() / 1000) - keptHours * 3600) << 32n
  const end = oldest < writer.durable ? oldest : writer.durable
  let excess = oplogBytes(environment) - keptBytes
  for (;;) {
    const removed = await writer.run((unit) => {
      let count = 0
      const { from } = tableRange(tables.oplog)
      for (const { key, value } of environment.range({
        from,
        to: tableKey(tables.oplog, encodeLogTime(writer.durable)),
      })) {
        if (key.readBigUInt64BE(4) >= end && excess <= 0) break
        excess -= value.length
        unit.remove(key)
        if (++count === step) break
      }
      return count
    })
    if (removed < step) return
  }
}

function oplogBytes(environment: Engine['environment']): number {
  let bytes = 0
  for (const { value } of environment.range(tableRange(tables.oplog))) bytes += value.length
  return bytes
}
