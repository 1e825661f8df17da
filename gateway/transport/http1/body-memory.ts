/** The smallest piece, so that what one body has left is enough for most others. */
const leastBytes = 128 * 1024
/** A larger piece is not kept. */
const keptBytes = 1024 * 1024
/** Pieces that are kept. */
const keptPieces = 8

/**
 * Memory for bodies that come in pieces, used again: to have the collector give back a hundred kilobytes for each
 * large answer costs more than to read it.
 */
export class BodyMemory {
  readonly #free: Buffer[] = []

  /** A piece of at least so many bytes; what is in it is what was there before. */
  take(bytes: number): Buffer {
    const free = this.#free.pop()
    if (free !== undefined && free.length >= bytes) return free
    // One that is too small is let go, so that larger ones come in its place.
    return Buffer.allocUnsafeSlow(Math.max(leastBytes, bytes))
  }

  /** Takes back a piece that nobody looks at any more. */
  giveBack(piece: Buffer): void {
    if (piece.length >= leastBytes && piece.length <= keptBytes && this.#free.length < keptPieces)
      this.#free.push(piece)
  }
}
