import { Pool } from 'undici'

/** One request of an open load. */
export interface Sample {
  /** When it was due, by `performance.now()` of this process. */
  readonly dueMs: number
  /** From when it was due to its answer: what waits for one before it is not left out. */
  readonly tookMs: number
}

export interface OpenLoad {
  readonly samples: readonly Sample[]
  readonly failures: readonly string[]
  /** How late requests were sent, at most: this process must not be what is measured. */
  readonly latestMs: () => number
  stop(): Promise<void>
}

/** Sends so many requests per second whether the ones before were answered or not. */
export function startOpenLoad({
  url,
  headers,
  bodies,
  perSecond,
}: {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly bodies: readonly string[]
  readonly perSecond: number
}): OpenLoad {
  const { origin, pathname: path } = new URL(url)
  const pool = new Pool(origin, { connections: 256 })
  const samples: Sample[] = []
  const failures: string[] = []
  const answers = new Map<string, string>()
  const running = new Set<Promise<void>>()
  const begun = performance.now()
  let sent = 0
  let latestMs = 0

  const ask = async (dueMs: number, requested: string): Promise<void> => {
    try {
      const { statusCode, body } = await pool.request({
        path,
        method: 'POST',
        headers: { ...headers },
        body: requested,
      })
      const text = await body.text()
      // What stands after it tells how limits stand, which is another thing each time.
      const data = text.slice(0, text.indexOf(',"extensions"'))
      const first = answers.get(requested) ?? data
      answers.set(requested, first)
      const isRight = statusCode === 200 && data === first && data.startsWith('{"data":') && !data.includes('null')
      if (!isRight) throw new Error(`${statusCode}: ${text.slice(0, 500)}`)
    } catch (error) {
      failures.push(String(error))
    }
    samples.push({ dueMs, tookMs: performance.now() - dueMs })
  }
  const timer = setInterval(() => {
    for (let dueMs; (dueMs = begun + (sent * 1_000) / perSecond) <= performance.now();) {
      latestMs = Math.max(latestMs, performance.now() - dueMs)
      // In an order that no two rounds share.
      const one = ask(dueMs, bodies[(sent * 7 + Math.floor(sent / bodies.length)) % bodies.length] ?? '')
      running.add(one)
      void one.then(() => running.delete(one))
      sent += 1
    }
  }, 1)
  return {
    samples,
    failures,
    latestMs: () => latestMs,
    async stop() {
      clearInterval(timer)
      await Promise.all(running)
      await pool.close()
    },
  }
}
