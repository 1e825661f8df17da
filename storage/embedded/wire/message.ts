import { CommandError } from '../errors.ts'
import { readDoc, type Doc } from '../query/bson.ts'

/** The opcodes of the MongoDB wire protocol that this server reads or writes. */
export const opcodes = { reply: 1, query: 2004, message: 2013 } as const

/** MongoDB's own limit for one message. */
export const largestMessageBytes = 48 * 1024 * 1024

export const headerBytes = 16

const checksumPresent = 1
const moreToCome = 2
/** The lower 16 flag bits must be understood by the receiver, so an unknown one there is an error. */
const unknownRequiredFlags = 0xffff & ~(checksumPresent | moreToCome)

/** A message that breaks the protocol: the connection it came on is closed. */
export class ProtocolError extends Error {}

export type Request = {
  readonly id: number
  readonly kind: 'message' | 'query'
  readonly command: Doc
  /** The client asks for no answer (an unacknowledged write). */
  readonly silent: boolean
}

/** Reads one whole message, header included. Throws ProtocolError for what is not one. */
export function parseRequest(bytes: Buffer): Request {
  const id = bytes.readInt32LE(4)
  const opcode = bytes.readInt32LE(12)
  try {
    if (opcode === opcodes.message) return parseMessage(id, bytes)
    if (opcode === opcodes.query) return parseQuery(id, bytes)
  } catch (error) {
    if (error instanceof ProtocolError) throw error
    if (error instanceof RangeError || error instanceof CommandError) throw new ProtocolError(error.message)
    throw error
  }
  throw new ProtocolError(`unknown opcode ${opcode}`)
}

function parseMessage(id: number, bytes: Buffer): Request {
  const flags = bytes.readUInt32LE(headerBytes)
  if ((flags & unknownRequiredFlags) !== 0) throw new ProtocolError(`unknown OP_MSG flags ${flags}`)
  // The checksum is optional for the receiver to verify, and no driver sends one over a local socket.
  const end = bytes.length - ((flags & checksumPresent) !== 0 ? 4 : 0)
  let command: Doc | undefined
  const sequences: [string, Doc[]][] = []
  let offset = headerBytes + 4
  while (offset < end) {
    const kind = bytes[offset++]
    if (kind === 0) {
      if (command !== undefined) throw new ProtocolError('OP_MSG with two bodies')
      const body = documentAt(bytes, offset, end)
      command = readDoc(body)
      offset += body.length
    } else if (kind === 1) {
      const size = bytes.readInt32LE(offset)
      const sectionEnd = offset + size
      if (size < 5 || sectionEnd > end) throw new ProtocolError('OP_MSG section with a wrong length')
      const nameEnd = bytes.indexOf(0, offset + 4)
      if (nameEnd < 0 || nameEnd >= sectionEnd) throw new ProtocolError('OP_MSG section without a name')
      const docs: Doc[] = []
      const name = bytes.toString('utf8', offset + 4, nameEnd)
      for (let at = nameEnd + 1; at < sectionEnd;) {
        const doc = documentAt(bytes, at, sectionEnd)
        docs.push(readDoc(doc))
        at += doc.length
      }
      sequences.push([name, docs])
      offset = sectionEnd
    } else {
      throw new ProtocolError(`unknown OP_MSG section kind ${kind}`)
    }
  }
  if (command === undefined) throw new ProtocolError('OP_MSG without a body')
  for (const [name, docs] of sequences) {
    if (Object.hasOwn(command, name)) throw new ProtocolError(`OP_MSG with the field ${name} twice`)
    command[name] = docs
  }
  return { id, kind: 'message', command, silent: (flags & moreToCome) !== 0 }
}

/** The handshake of drivers comes as an OP_QUERY on `<db>.$cmd`; nothing else does. */
function parseQuery(id: number, bytes: Buffer): Request {
  const nameStart = headerBytes + 4
  const nameEnd = bytes.indexOf(0, nameStart)
  if (nameEnd < 0) throw new ProtocolError('OP_QUERY without a namespace')
  const namespace = bytes.toString('utf8', nameStart, nameEnd)
  if (!namespace.endsWith('.$cmd')) throw new ProtocolError(`OP_QUERY on ${namespace}, which is not a command`)
  const command = readDoc(documentAt(bytes, nameEnd + 9, bytes.length))
  command['$db'] ??= namespace.slice(0, -'.$cmd'.length)
  return { id, kind: 'query', command, silent: false }
}

function documentAt(bytes: Buffer, offset: number, end: number): Buffer {
  const size = bytes.readInt32LE(offset)
  if (size < 5 || offset + size > end) throw new ProtocolError('a document with a wrong length')
  return bytes.subarray(offset, offset + size)
}

/** Frames a reply document the way its request came. */
export function encodeReply(request: Request, replyId: number, document: Uint8Array): Buffer {
  const bodyBytes = request.kind === 'message' ? 5 : 20
  const bytes = Buffer.alloc(headerBytes + bodyBytes + document.length)
  bytes.writeInt32LE(bytes.length, 0)
  bytes.writeInt32LE(replyId, 4)
  bytes.writeInt32LE(request.id, 8)
  bytes.writeInt32LE(request.kind === 'message' ? opcodes.message : opcodes.reply, 12)
  // OP_MSG: flags 0 and a section of kind 0. OP_REPLY: flags, cursor id, start, and one document.
  if (request.kind === 'query') bytes.writeInt32LE(1, headerBytes + 16)
  bytes.set(document, headerBytes + bodyBytes)
  return bytes
}
