import { MessageType } from 'graphql-ws'

const finalText = 0x81
const closingBrace = 0x7d

/** A WebSocket ping without content. */
export const pingFrame: Uint8Array = Buffer.from([0x89, 0])

/** The beginning of all `next` messages of an operation, in ASCII: identifiers may hold any text. */
export function nextPrefix(id: string): string {
  const ascii = JSON.stringify(id).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `{"id":${ascii},"type":"${MessageType.Next}","payload":`
}

/**
 * A `next` message as one frame (RFC 6455, section 5.2; a server's are not masked). Of two readers of one event only
 * the prefix differs: the event itself is copied, never printed again.
 */
export function nextFrame(prefix: string, event: Uint8Array): Uint8Array {
  const length = prefix.length + event.length + 1
  const frame = startFrame(length)
  let at = frame.length - length
  at += frame.write(prefix, at, 'latin1')
  frame.set(event, at)
  frame[frame.length - 1] = closingBrace
  return frame
}

/** Any other message as one frame. */
export function messageFrame(message: object): Uint8Array {
  const text = JSON.stringify(message)
  const length = Buffer.byteLength(text)
  const frame = startFrame(length)
  frame.write(text, frame.length - length)
  return frame
}

/** Room for a frame with a payload of so many bytes, its header written. */
function startFrame(length: number): Buffer {
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = finalText
  if (head === 2) frame[1] = length
  else if (head === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  return frame
}
