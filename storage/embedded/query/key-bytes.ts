/** Bytes of a key under construction; every piece is written so that byte order is value order. */
export class KeyBytes {
  private buffer = Buffer.allocUnsafe(128)
  private used = 0

  get length(): number {
    return this.used
  }

  byte(value: number): void {
    this.reserve(1)
    this.buffer[this.used++] = value
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length)
    this.buffer.set(value, this.used)
    this.used += value.length
  }

  uint32(value: number): void {
    this.reserve(4)
    this.used = this.buffer.writeUInt32BE(value, this.used)
  }

  /** UTF-8 ended by 0; the bytes 0 and 1 are escaped, so that the end comes before every continuation. */
  text(value: string): void {
    this.reserve(value.length * 3 + 1)
    const start = this.used
    // oxlint-disable-next-line no-control-regex -- exactly these two bytes have to be escaped
    const escaped = /[\0\u0001]/.test(value)
      ? value.replaceAll('\u0001', '\u0001\u0002').replaceAll('\0', '\u0001\u0001')
      : value
    this.reserve(escaped.length * 3 + 1)
    this.used = start + this.buffer.write(escaped, start)
    this.buffer[this.used++] = 0
  }

  /** A double that is not NaN, its bits turned so that they sort; -0 must have been made 0. */
  double(value: number): void {
    this.reserve(8)
    const start = this.used
    this.used = this.buffer.writeDoubleBE(value, start)
    if (value < 0) this.complement(start)
    else this.buffer[start] = (this.buffer[start] as number) | 0x80
  }

  /** Turns the order of everything written since `start` around. */
  complement(start: number): void {
    for (let index = start; index < this.used; index++) this.buffer[index] = ~(this.buffer[index] as number)
  }

  /** A copy of what was written. */
  toBuffer(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.used))
  }

  private reserve(more: number): void {
    const needed = this.used + more
    if (needed <= this.buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2))
    this.buffer.copy(larger, 0, 0, this.used)
    this.buffer = larger
  }
}
