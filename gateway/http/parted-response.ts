import type { ServerResponse } from 'node:http'

/** Whether a client wants what is deferred in parts: the version of the protocol that Apollo Client speaks. */
export function acceptsParts(accept: string | undefined): boolean {
  return accept !== undefined && accept.includes('multipart/') && wanted.test(accept)
}

const wanted = /\bmultipart\/mixed\s*;[^,]*\bdeferSpec\s*=\s*"?20220824\b/i

/** Who has taken nothing of its parts for so long is taken for dead. */
const stalledMs = 60_000

/** A part is read when the boundary after it has come, so each ends with it. */
const boundary = '\r\n---'

/** An answer that is sent in parts, each of them at once. */
export class PartedResponse {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  get begun(): boolean {
    return this.#response.headersSent
  }

  /** The first part takes the headers with it. */
  send(payload: string, headers: () => readonly string[]): void {
    if (this.#response.destroyed) return
    const part = `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${payload}${boundary}`
    if (this.begun) {
      this.#response.write(part)
      return
    }
    this.#response.writeHead(200, [
      'content-type',
      'multipart/mixed; boundary="-"; deferSpec=20220824',
      'cache-control',
      'no-store',
      // Tells nginx and its kind not to hold parts back.
      'x-accel-buffering',
      'no',
      ...headers(),
    ])
    this.#response.write(boundary + part)
  }

  end(): void {
    this.#response.end('--\r\n')
    if (this.#response.writableLength > 0) this.#response.setTimeout(stalledMs, () => this.#response.destroy())
  }
}
