type Condition = Readonly<Record<string, unknown>>

/**
 * Every condition at once, none replacing another, so that no argument of a list can widen what its caller may see.
 * Empty ones are left out: what is left tells whether a list is narrowed at all.
 */
export function allOf(...conditions: readonly Condition[]): Condition {
  const narrowing = conditions.filter((condition) => Object.keys(condition).length > 0)
  const [first, ...others] = narrowing
  if (first === undefined) return {}
  return others.length === 0 ? first : { ...first, $and: [...others] }
}

/**
 * The index by which a search is served. Without the hint a database may walk all of a list in its order instead,
 * which takes long for a word that few have; what the index finds is sorted, of which no more than a page is held.
 */
export function searchHint(
  search: string | null | undefined,
  owner: string | null | undefined,
): { hint?: Readonly<Record<string, 1>> } {
  if (typeof search !== 'string') return {}
  return { hint: owner ? { organizationId: 1, searchWords: 1 } : { searchWords: 1 } }
}
