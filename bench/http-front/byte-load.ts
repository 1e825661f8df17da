import { Pool } from 'undici'

/** One request, asked again and again over open connections; every answer must be the first one, byte for byte. */
export interface ByteLoad extends AsyncDisposable {
  run(concurrency: number, answers: number): Promise<void>
}

/** Asks once and takes that answer for what all later ones must be; it must tell of no errors. */
export async function openByteLoad(request: {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}): Promise<ByteLoad> {
  const { origin, pathname: path } = new URL(request.url)
  const pool = new Pool(origin, { connections: null })
  const { headers, body: asked } = request
  const ask = async (): Promise<Buffer> => {
    const { statusCode, body } = await pool.request({ path, method: 'POST', headers: { ...headers }, body: asked })
    const bytes = Buffer.from(await body.arrayBuffer())
    if (statusCode !== 200) throw new Error(`the front answered ${statusCode} with:\n${bytes.toString()}`)
    return bytes
  }
  const first = await ask()
  if (first.includes('"errors"')) throw new Error(`the front answered:\n${first.toString()}`)
  return {
    async run(concurrency, answers) {
      let begun = 0
      await Promise.all(
        Array.from({ length: concurrency }, async () => {
          while (begun < answers) {
            begun += 1
            if (!(await ask()).equals(first)) throw new Error('an answer differs from the first one')
          }
        }),
      )
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}
