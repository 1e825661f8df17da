/** The model met something about which the manual is silent, or to which more than one answer is right. */
export class Unspecified extends Error {}

/**
 * What MongoDB refuses, by code alone: texts are no part of the contract. Where several things are wrong at once, it
 * is left open which of them is told.
 */
export class Refused extends Error {
  readonly codes: ReadonlySet<number>

  constructor(codes: Iterable<number>) {
    super(`refused with ${[...codes].join(' or ')}`)
    this.codes = new Set(codes)
  }
}

/** Refuses with one code. */
export function refuse(code: number): never {
  throw new Refused([code])
}

/** Does all of the work and gathers what is refused, so that no order of checks is taken for granted. */
export function gathering<Item, Result>(items: readonly Item[], work: (item: Item) => Result): Result[] {
  const codes: number[] = []
  const results = items.flatMap((item) => {
    try {
      return [work(item)]
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      codes.push(...error.codes)
      return []
    }
  })
  if (codes.length > 0) throw new Refused(codes)
  return results
}
