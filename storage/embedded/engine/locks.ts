/** Whoever holds keys until it ends: an open transaction. */
export type LockOwner = {
  /** Resolves, never rejects, when the owner has committed or aborted. */
  readonly finished: Promise<void>
}

/** Thrown inside a unit that would write over an open transaction; the writer runs the unit again afterwards. */
export class Blocked extends Error {
  readonly owner: LockOwner

  constructor(owner: LockOwner) {
    super('blocked by an open transaction')
    this.owner = owner
  }
}

/** The keys that open transactions have written, each by one of them. */
export class Locks {
  private readonly owners = new Map<string, LockOwner>()

  ownerOf(key: Buffer): LockOwner | undefined {
    return this.owners.get(key.toString('latin1'))
  }

  take(key: Buffer, owner: LockOwner): void {
    this.owners.set(key.toString('latin1'), owner)
  }

  release(keys: Iterable<Buffer>): void {
    for (const key of keys) this.owners.delete(key.toString('latin1'))
  }
}
