import { isDeepStrictEqual } from 'node:util'
import { Pool } from 'undici'

export interface LoadedRequest {
  /** The graph's URL. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** When a load ends: after so many answers, or with the first answer after so many milliseconds. */
export type LoadEnd = { readonly answers: number } | { readonly afterMs: number }

/** One request, asked again and again over connections that stay open. */
export interface Load extends AsyncDisposable {
  /** Asks with so many requests under way at any time; throws at the first answer that is not the right one. */
  run(concurrency: number, end: LoadEnd): Promise<{ readonly answers: number; readonly seconds: number }>
}

type Data = Readonly<Record<string, unknown>>

/** Asks once, has `check` judge the data, and takes that answer for what all later ones must be equal to. */
export async function openLoad(request: LoadedRequest, check: (data: Data) => void): Promise<Load> {
  const { origin, pathname } = new URL(request.url)
  const pool = new Pool(origin, { connections: null })
  const ask = async (): Promise<unknown> => {
    const { statusCode, body } = await pool.request({
      path: pathname,
      method: 'POST',
      headers: { ...request.headers },
      body: request.body,
    })
    const text = await body.text()
    const answer = JSON.parse(text, withoutUsage) as { data?: Data; errors?: unknown }
    if (statusCode !== 200 || answer.errors !== undefined || !answer.data) {
      throw new Error(`the product answered ${statusCode} with:\n${text.slice(0, 2_000)}`)
    }
    return answer.data
  }
  const first = (await ask()) as Data
  check(first)
  return {
    async run(concurrency, end) {
      const begun = performance.now()
      let asked = 0
      let answers = 0
      const goesOn = (): boolean => ('answers' in end ? asked < end.answers : performance.now() - begun < end.afterMs)
      const askOn = async (): Promise<void> => {
        while (goesOn()) {
          asked++
          if (!isDeepStrictEqual(await ask(), first)) throw new Error('an answer differs from the first one')
          answers++
        }
      }
      await Promise.all(Array.from({ length: concurrency }, askOn))
      return { answers, seconds: (performance.now() - begun) / 1_000 }
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}

/** What an app has used grows with every answer; all else must stay the same. */
function withoutUsage(key: string, value: unknown): unknown {
  return key === 'usage' ? null : value
}
