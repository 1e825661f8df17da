import { createHash, createHmac, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { UsageError } from '../usage-error.ts'
import { type Answer, type Finding, ask, at, green, red } from './check.ts'

interface Subgraph {
  readonly url: string
  readonly key: string | null
  /** The file of its SDL. */
  readonly schema: string | null
  readonly signal: AbortSignal
}

/** A team's own service: whether it answers, refuses who does not sign, answers who signs, and serves its SDL. */
export async function lookAtSubgraph({ url, key, schema, signal }: Subgraph): Promise<Finding[]> {
  const body = JSON.stringify({ query: '{ _service { sdl } }' })
  const post = (headers: Readonly<Record<string, string>>): Promise<Answer> =>
    ask(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body, signal })
  let unsigned: Answer
  try {
    unsigned = await post({})
  } catch (error) {
    signal.throwIfAborted()
    const reason = error instanceof Error ? error.message : String(error)
    return [
      red(
        'your subgraph',
        `${url} does not answer: ${reason}`,
        'Start it, for example with `npm start` in its folder.',
      ),
    ]
  }
  const findings = [green('your subgraph', url, unsigned.ms)]
  findings.push(
    unsigned.status === 401
      ? green('your signature check', 'refuses who does not sign')
      : red(
          'your signature check',
          `answered ${unsigned.status} to a request that nobody has signed`,
          'Anybody who reaches it can pose as the gateway: verify signatures (docs/adding-a-subgraph.md) and set the key.',
        ),
  )
  if (key === null) return findings
  const signed = await post(sign(key, { path: new URL(url).pathname, body }))
  const sdl = at(signed.json, 'data', '_service', 'sdl')
  if (typeof sdl !== 'string') {
    const fix = 'Does the service have this key, and does its clock agree? Does the schema have _service?'
    return [...findings, red('your answer', `${signed.status} ${signed.text.slice(0, 200)}`, fix)]
  }
  findings.push(green('your answer', 'answers what is signed', signed.ms))
  if (schema !== null) findings.push(await compare(schema, sdl))
  return findings
}

async function compare(file: string, served: string): Promise<Finding> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--schema ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (plain(text) === plain(served)) return green('your SDL', `serves ${file}`)
  return red('your SDL', `serves another SDL than ${file}`, 'Restart the service, or publish what it serves.')
}

const plain = (sdl: string): string => sdl.replaceAll(/\s+/g, ' ').trim()

/** Signs a question as a gateway does, in the name of a caller who may do nothing. */
function sign(key: string, { path, body }: { readonly path: string; readonly body: string }): Record<string, string> {
  const caller = Buffer.from(
    JSON.stringify({
      appId: 'doctor',
      appName: 'tributary doctor',
      organizationId: 'doctor',
      environment: 'sandbox',
      planId: 'doctor',
      scopes: [],
      operator: false,
      credentialId: 'doctor',
    }),
  ).toString('base64url')
  const time = String(Date.now())
  const nonce = `${randomBytes(9).toString('base64url')}.1`
  const hash = createHash('sha256').update(body).digest('base64url')
  const signed = [time, nonce, 'POST', path, hash, caller].join('\n')
  return {
    'x-tributary-caller': caller,
    'x-tributary-time': time,
    'x-tributary-nonce': nonce,
    'x-tributary-signature': createHmac('sha256', Buffer.from(key, 'base64url')).update(signed).digest('base64url'),
  }
}
