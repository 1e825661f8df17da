export type Stored = { readonly _id: string; readonly [field: string]: unknown }

/** What an operation makes of one document; absent is undefined. Each document has one client that changes it. */
export type Change = { readonly collection: string; readonly after: Stored | undefined; readonly _id: string }

/** An operation whose answer never came. */
export type Pending = {
  readonly changes: readonly Change[]
  /** All of its changes or none; otherwise the first few of them. */
  readonly atomic: boolean
}

/** What the clients of one round were told, and what they were not told any more. */
export class History {
  /** The documents as acknowledged, by collection and id. */
  readonly known = new Map<string, Map<string, Stored>>()
  readonly pending: Pending[] = []
  /** Increments by counter and then by their id; true when acknowledged. */
  readonly increments = new Map<string, Map<string, boolean>>()
  /** Slots that a client was refused, because another has them. */
  readonly takenSlots = new Set<number>()
  acknowledged = 0
  private readonly waiting: { count: number; resolve: () => void }[] = []

  /** The server has answered that the operation is done. */
  acknowledge(changes: readonly Change[]): void {
    for (const change of changes) applyChange(this.known, change)
    this.acknowledged++
    for (const { count, resolve } of this.waiting) if (this.acknowledged >= count) resolve()
  }

  ofCollection(collection: string): ReadonlyMap<string, Stored> {
    return documentsOf(this.known, collection)
  }

  /** Resolves when as many operations have been acknowledged. */
  async reached(count: number): Promise<void> {
    if (this.acknowledged < count) await new Promise<void>((resolve) => this.waiting.push({ count, resolve }))
  }
}

export function applyChange(state: Map<string, Map<string, Stored>>, { collection, _id, after }: Change): void {
  if (after === undefined) documentsOf(state, collection).delete(_id)
  else documentsOf(state, collection).set(_id, after)
}

function documentsOf(state: Map<string, Map<string, Stored>>, collection: string): Map<string, Stored> {
  let documents = state.get(collection)
  if (documents === undefined) {
    documents = new Map()
    state.set(collection, documents)
  }
  return documents
}
