import { tableKey, tableRange, tables } from './keys.ts'
import type { Unit } from './unit.ts'
import type { View } from './view.ts'
import type { Writer } from './writer.ts'

const prefix = Buffer.from('garbage ')
const firstKey = tableKey(tables.meta, prefix)

/** How many entries one commit removes, so that no other write waits long. */
const sweepStep = 1000

/** Notes tables whose contents nothing refers to any more, or takes the note back. */
export function markGarbage(unit: Unit, numbers: readonly number[], garbage = true): void {
  for (const number of numbers) {
    if (garbage) unit.put(noteKey(number), Buffer.of(1))
    else unit.remove(noteKey(number))
  }
}

/** The tables that are noted; read at start, before anything is under construction. */
export function garbageTables(view: View): number[] {
  const found: number[] = []
  for (const { key } of view.range({ from: firstKey, to: tableKey(tables.meta, Buffer.from('garbage!')) })) {
    found.push(key.readUInt32BE(firstKey.length))
  }
  return found
}

/** Removes what is left of a table, step by step, and then the note. Stopped, it goes on at the next start. */
export async function sweepTable(
  { environment: view, writer, signal }: { environment: View; writer: Writer; signal: AbortSignal },
  table: number,
): Promise<void> {
  while (!signal.aborted) {
    const removed = await writer.run((unit) => {
      let count = 0
      for (const { key } of view.range(tableRange(table))) {
        unit.remove(key)
        if (++count === sweepStep) break
      }
      if (count < sweepStep) unit.remove(noteKey(table))
      return count
    })
    if (removed < sweepStep) return
  }
}

function noteKey(table: number): Buffer {
  const number = Buffer.allocUnsafe(4)
  number.writeUInt32BE(table)
  return Buffer.concat([firstKey, number])
}
