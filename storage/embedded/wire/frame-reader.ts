import { headerBytes, largestMessageBytes, ProtocolError } from './message.ts'

/** Cuts a stream of chunks into whole messages; each message is a copy that nothing else writes to. */
export class FrameReader {
  private chunks: Buffer[] = []
  private buffered = 0

  /** Takes a chunk and returns the messages it completes. Throws ProtocolError for an impossible length. */
  push(chunk: Buffer): Buffer[] {
    const messages: Buffer[] = []
    this.chunks.push(chunk)
    this.buffered += chunk.length
    while (this.buffered >= 4) {
      const size = this.peekSize()
      if (size < headerBytes || size > largestMessageBytes) {
        throw new ProtocolError(`a message of ${size} bytes; the limit is ${largestMessageBytes}`)
      }
      if (this.buffered < size) break
      messages.push(this.take(size))
    }
    return messages
  }

  private peekSize(): number {
    const first = this.chunks[0] as Buffer
    return first.length >= 4 ? first.readInt32LE(0) : this.joined().readInt32LE(0)
  }

  private joined(): Buffer {
    const whole = Buffer.concat(this.chunks)
    this.chunks = [whole]
    return whole
  }

  private take(size: number): Buffer {
    const whole = this.joined()
    this.buffered -= size
    this.chunks = this.buffered === 0 ? [] : [whole.subarray(size)]
    return whole.subarray(0, size)
  }
}
