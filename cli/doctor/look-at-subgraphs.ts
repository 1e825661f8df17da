import type { Authorize } from '../../sdk/graph-client.ts'
import { type Finding, ask, at, green, red, words } from './check.ts'

/** Each subgraph as the gateway sees it: `GET /health/subgraphs`, which operators may read. */
export async function lookAtSubgraphs({
  url,
  authorize,
  signal,
}: {
  readonly url: string
  readonly authorize: Authorize | null
  readonly signal: AbortSignal
}): Promise<Finding[]> {
  const { origin } = new URL(url)
  const headers = authorize === null ? {} : await authorize()
  const answer = await ask(`${origin}/health/subgraphs`, { headers, signal })
  const subgraphs = at(answer.json, 'subgraphs')
  if (!Array.isArray(subgraphs)) {
    const code = at(answer.json, 'errors', 0, 'extensions', 'code')
    const fix = "The health of each is the operator's to read: pass --app and --key of an operator's app."
    return [red('subgraphs', `the gateway tells nothing of them (${words(code ?? answer.status)})`, fix)]
  }
  return subgraphs.map((each) => findingOf(each))
}

function findingOf(health: unknown): Finding {
  const check = `subgraph ${words(at(health, 'name'))}`
  const told = ['version', 'breaker', 'error']
    .map((name) => [name, at(health, name)] as const)
    .filter(([, value]) => value != null)
    .map(([name, value]) => `${name} ${words(value)}`)
    .join(', ')
  const ms = at(health, 'latencyMs')
  if (at(health, 'ready') === true) return green(check, told || 'ready', typeof ms === 'number' ? ms : null)
  const fix = 'Look at its log and its URL; `tributary doctor --subgraph <url>` looks at it from here.'
  return red(check, told || 'not ready', fix)
}
