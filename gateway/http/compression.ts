import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** A smaller answer fits into one packet as it is. */
const leastCharacters = 1_400

const gzipText = promisify<Buffer, object, Buffer>(gzip)
const brotliText = promisify<Buffer, object, Buffer>(brotliCompress)

export type Encoding = 'br' | 'gzip'

/** The encoding that an answer of that length is sent in: the cheapest that the client takes; null for none. */
export function encodingFor(length: number, acceptEncoding: string | undefined): Encoding | null {
  if (length < leastCharacters || acceptEncoding === undefined) return null
  // Brotli of quality 1 takes less time than gzip of level 1 and makes answers smaller; docs/http.md has the figures.
  if (accepts(acceptEncoding, 'br')) return 'br'
  return accepts(acceptEncoding, 'gzip') ? 'gzip' : null
}

/** Compresses in the thread pool, so that other requests are not held up. */
export function compress(body: string, encoding: Encoding): Promise<Buffer> {
  const bytes = Buffer.from(body, 'utf8')
  return encoding === 'gzip'
    ? gzipText(bytes, { level: 1 })
    : brotliText(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      })
}

/** Whether a header names an encoding, or all, and does not forbid it with `q=0`. */
function accepts(acceptEncoding: string, encoding: Encoding): boolean {
  let any = false
  for (const item of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';')
    const forbidden = parameters.some((parameter) => /^\s*q\s*=\s*0(?:\.0*)?\s*$/.test(parameter))
    if (name.trim() === encoding) return !forbidden
    if (name.trim() === '*') any = !forbidden
  }
  return any
}
