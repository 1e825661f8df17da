import { createConnection, type Socket } from 'node:net'
import { once } from 'node:events'
import { deserialize, serialize, type Document } from 'bson'

/** A client that writes the wire protocol byte by byte, for what no driver would send. */
export class RawClient {
  private readonly socket: Socket
  private buffered = Buffer.alloc(0)
  private readonly waiting: ((reply: Document) => void)[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.take(chunk))
    // A reset by the server is what some tests are about.
    socket.on('error', () => socket.destroy())
  }

  static async connect(uri: string): Promise<RawClient> {
    const host = decodeURIComponent(/^mongodb:\/\/([^/]+)\//.exec(uri)?.[1] ?? '')
    const socket = createConnection(host)
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  async command(command: Document): Promise<Document> {
    const reply = new Promise<Document>((resolve) => this.waiting.push(resolve))
    this.send(message(command))
    return reply
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  async closedByServer(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close')
  }

  close(): void {
    this.socket.destroy()
  }

  private take(chunk: Buffer): void {
    this.buffered = Buffer.concat([this.buffered, chunk])
    while (this.buffered.length >= 4 && this.buffered.length >= this.buffered.readInt32LE(0)) {
      const size = this.buffered.readInt32LE(0)
      this.waiting.shift()?.(deserialize(this.buffered.subarray(21, size)))
      this.buffered = this.buffered.subarray(size)
    }
  }
}

/** An OP_MSG with one section. */
export function message(command: Document): Buffer {
  const body = serialize(command)
  const bytes = Buffer.alloc(21 + body.length)
  bytes.writeInt32LE(bytes.length, 0)
  bytes.writeInt32LE(1, 4)
  bytes.writeInt32LE(2013, 12)
  bytes.set(body, 21)
  return bytes
}
