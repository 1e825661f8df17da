import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'

/**
 * @typedef {{ type: string, subject: string, organizations: readonly string[], data: Record<string, unknown> }} Fact
 * What has happened, to whom it may be told, and ids and small values of it.
 */

const subgraph = 'loyalty'
const mostAtOnce = 100

/**
 * Hands events to Tributary, in order, until it has them for good: partners poll them, stream them and get them by
 * webhook. In memory, as the accounts are; in your database write an event in the transaction that makes it true.
 * @param {{ url: string, key: Buffer, retryMs?: number }} options where to, by `POST /events` of a gateway
 */
export function createOutbox({ url, key, retryMs = 1_000 }) {
  /** @type {object[]} */
  const waiting = []
  /** @type {Promise<void> | null} */
  let handing = null

  const handAll = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, mostAtOnce)
      const fault = await handIn(batch)
      if (fault === null) waiting.splice(0, batch.length)
      else if (fault === 'later') await new Promise((resolve) => void setTimeout(resolve, retryMs).unref())
      // One that is wrong would hold up all others for ever.
      else waiting.splice(fault, 1)
    }
  }

  /**
   * Null when all were taken; else which one never will be.
   * @param {object[]} events
   * @returns {Promise<number | 'later' | null>}
   */
  const handIn = async (events) => {
    const body = JSON.stringify({ events })
    try {
      const headers = { 'content-type': 'application/json', ...sign(body) }
      const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) })
      if (response.ok) return null
      const text = await response.text()
      process.stderr.write(`Events were not taken: ${response.status} ${text}\n`)
      const index = response.status === 400 ? JSON.parse(text).errors[0]?.extensions.event : null
      return typeof index === 'number' ? index : 'later'
    } catch (error) {
      process.stderr.write(`Events were not taken: ${error instanceof Error ? error.message : String(error)}\n`)
      return 'later'
    }
  }

  /** @param {string} body */
  const sign = (body) => {
    const time = String(Date.now())
    const nonce = `${randomBytes(9).toString('base64url')}.1`
    const hash = createHash('sha256').update(body).digest('base64url')
    const signed = [time, nonce, 'POST', new URL(url).pathname, hash, subgraph].join('\n')
    return {
      'x-tributary-subgraph': subgraph,
      'x-tributary-time': time,
      'x-tributary-nonce': nonce,
      'x-tributary-signature': createHmac('sha256', key).update(signed).digest('base64url'),
    }
  }

  return {
    /** @param {Fact} fact */
    add(fact) {
      // The id is the event's for ever: handed in again, it is taken once.
      waiting.push({ id: randomUUID(), time: new Date().toISOString(), ...fact })
      handing ??= handAll().finally(() => {
        handing = null
      })
    },
  }
}

/** @typedef {Pick<ReturnType<typeof createOutbox>, 'add'>} Outbox */
