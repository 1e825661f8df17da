import { Pool } from 'undici'
import { type Spread, spreadOf } from '../measure/statistics.ts'
import { startProduct } from '../measure/start-product.ts'
import { temporaryFolder } from '../measure/temporary-folder.ts'

/** Requests for tokens that wait for an answer at once. */
const atOnce = 16
/** They are asked in portions, so that the time is looked at between them. */
const portion = 64

/** Tokens per second that the authorization server of one process gives an app for its key, over HTTP. */
export async function measureTokenIssue({
  rounds,
  seconds,
}: {
  readonly rounds: number
  readonly seconds: number
}): Promise<Spread> {
  await using folder = await temporaryFolder()
  await using product = await startProduct('one process', { dataDir: folder.path })
  const { url, headers } = product.portalRequest
  const pair = `${headers['x-tributary-app']}:${headers['x-tributary-key']}`
  const pool = new Pool(new URL(url).origin, { connections: atOnce })
  const ask = async (): Promise<void> => {
    const { statusCode, body } = await pool.request({
      path: '/oauth/token',
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials&scope=catalog%3Aread',
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`no token: ${statusCode} ${text}`)
  }
  const rates: number[] = []
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const begun = performance.now()
      let issued = 0
      while (performance.now() - begun < seconds * 1_000) {
        await Promise.all(Array.from({ length: portion }, ask))
        issued += portion
      }
      // The first round is for the compilers and counts for nothing.
      if (round > 0) rates.push((issued * 1_000) / (performance.now() - begun))
    }
  } finally {
    await pool.close()
  }
  return spreadOf(rates)
}
