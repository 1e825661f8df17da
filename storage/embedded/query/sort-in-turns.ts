export type SortingInTurns<T> = {
  compare: (a: T, b: T) => number
  /** Called every few hundred comparisons: may wait, to let others run, or throw, to stop. */
  breathe: (() => Promise<void> | undefined) | undefined
}

/** So many items are sorted, and so many merged, between two breaths. */
const stepItems = 512

/** Sorts stably, with pauses: Array's own sort would keep everybody waiting until it is done. */
export async function sortInTurns<T>(items: readonly T[], { compare, breathe }: SortingInTurns<T>): Promise<T[]> {
  let from: T[] = []
  for (let start = 0; start < items.length; start += stepItems) {
    if (start > 0) await breathe?.()
    for (const item of items.slice(start, start + stepItems).toSorted(compare)) from.push(item)
  }
  for (let run = stepItems; run < from.length; run *= 2) {
    const to: T[] = []
    for (let start = 0; start < from.length; start += run * 2) {
      let left = start
      const leftEnd = Math.min(start + run, from.length)
      let right = leftEnd
      const rightEnd = Math.min(start + run * 2, from.length)
      while (left < leftEnd || right < rightEnd) {
        if (to.length % stepItems === 0) await breathe?.()
        const takesLeft = right >= rightEnd || (left < leftEnd && compare(from[left] as T, from[right] as T) <= 0)
        to.push(from[takesLeft ? left++ : right++] as T)
      }
    }
    from = to
  }
  return from
}
