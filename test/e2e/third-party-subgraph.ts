import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Answer, call } from './call.ts'
import type { Product } from './product.ts'

/** A process of another team. */
export interface ThirdParty extends AsyncDisposable {
  readonly url: string
  readonly sdl: string
}

/** Starts the subgraph of another team, which believes only who signs with this key. */
export async function startThirdParty(signingKey: string, fields = 'loyaltyPoints'): Promise<ThirdParty> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('third-party/loyalty.mjs', import.meta.url))], {
    env: { ...process.env, SIGNING_KEY: signingKey, FIELDS: fields },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  const { port, sdl } = JSON.parse(line) as { port: number; sdl: string }
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    sdl,
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
    },
  }
}

/** The key that gateways sign with for a subgraph. */
export async function signingKeyOf(product: Product, subgraph: string): Promise<string> {
  const { data } = await call(
    product,
    product.operator,
    'mutation ($input: RevealSubgraphKeyInput!) { revealSubgraphKey(input: $input) { signingKey } }',
    { input: { subgraph } },
  )
  return data.revealSubgraphKey.signingKey as string
}

/** Runs one of the registry's mutations as the operator. */
export async function changeGraph(
  product: Product,
  mutation: 'publishSubgraph' | 'rollBackSubgraph' | 'retireSubgraph',
  input: object,
): Promise<Answer['data']> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`
  const key = randomUUID()
  for (;;) {
    const { data, errors } = await call(
      product,
      product.operator,
      `mutation ($input: ${type}!, $key: String) { ${mutation}(input: $input, idempotencyKey: $key) {
        subgraphVersion { number supergraphNumber } userErrors { code message } check { passed } } }`,
      { input: { reason: 'For the test.', ...input }, key },
    )
    // A machine that is busy with other tests may need longer for the checks than an operation may take: with its key it
    // is asked again, as any client would.
    if (errors?.[0]?.extensions['code'] === 'SUBGRAPH_TIMEOUT') continue
    if (errors) throw new Error(JSON.stringify(errors))
    return data[mutation]
  }
}

/** Waits until the gateway serves this supergraph. */
export async function untilServed(product: Pick<Product, 'url'>, number: number): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const health = (await (await fetch(`${product.url}/health`)).json()) as { supergraph: string | null }
    if (health.supergraph === String(number)) return
    if (Date.now() > deadline) throw new Error(`${number} is not served: ${JSON.stringify(health)}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
  }
}
