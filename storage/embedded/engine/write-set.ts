import type { KeyRange } from './keys.ts'
import type { Entry, View } from './view.ts'

type Write = { readonly key: Buffer; readonly value: Buffer | undefined }

/** Writes that are not applied yet: the last one for each key, undefined standing for a removal. */
export class WriteSet {
  private readonly writes = new Map<string, Write>()
  private sorted: Write[] = []
  /** Written since the last look at `sorted`. A transaction looks after every few writes, so it is not sorted anew. */
  private unsorted: Write[] = []

  get size(): number {
    return this.writes.size
  }

  put(key: Buffer, value: Buffer | undefined): void {
    this.set(key.toString('latin1'), { key, value })
  }

  find(key: Buffer): Write | undefined {
    return this.writes.get(key.toString('latin1'))
  }

  absorb(other: WriteSet): void {
    for (const [name, write] of other.writes) this.set(name, write)
  }

  values(): IterableIterator<Write> {
    return this.writes.values()
  }

  /** The writes in a range, in key order or backwards. */
  within({ from, to }: KeyRange, reverse: boolean): Write[] {
    if (this.writes.size === 0) return []
    this.sort()
    const found = this.sorted.slice(lowerBound(this.sorted, from), lowerBound(this.sorted, to))
    return reverse ? found.toReversed() : found
  }

  private set(name: string, write: Write): void {
    this.writes.set(name, write)
    if (this.unsorted.length <= mostSingleInsertions) this.unsorted.push(write)
  }

  private sort(): void {
    if (this.unsorted.length > mostSingleInsertions) {
      this.sorted = [...this.writes.values()].toSorted((a, b) => Buffer.compare(a.key, b.key))
    } else {
      for (const write of this.unsorted) {
        const place = lowerBound(this.sorted, write.key)
        const replaced = this.sorted[place]?.key.equals(write.key) === true
        this.sorted.splice(place, replaced ? 1 : 0, write)
      }
    }
    this.unsorted = []
  }
}

/** Beyond this many new writes, sorting all of them anew costs less than putting each in its place. */
const mostSingleInsertions = 64

function lowerBound(sorted: readonly Write[], key: Buffer): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (Buffer.compare((sorted[middle] as Write).key, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** A view with writes above it that only its holder sees. */
export function overlay(base: View, writes: WriteSet): View {
  return {
    get(key) {
      const write = writes.find(key)
      return write === undefined ? base.get(key) : write.value
    },
    range(range, reverse = false) {
      const above = writes.within(range, reverse)
      return above.length === 0 ? base.range(range, reverse) : merge(base.range(range, reverse), above, reverse)
    },
  }
}

function* merge(base: IterableIterator<Entry>, above: readonly Write[], reverse: boolean): Generator<Entry> {
  const sign = reverse ? -1 : 1
  let next = 0
  try {
    for (const entry of base) {
      let hidden = false
      for (; next < above.length; next++) {
        const write = above[next] as Write
        const order = Buffer.compare(write.key, entry.key) * sign
        if (order > 0) break
        if (order === 0) hidden = true
        if (write.value !== undefined) yield { key: write.key, value: write.value }
      }
      if (!hidden) yield entry
    }
    for (; next < above.length; next++) {
      const write = above[next] as Write
      if (write.value !== undefined) yield { key: write.key, value: write.value }
    }
  } finally {
    base.return?.()
  }
}
