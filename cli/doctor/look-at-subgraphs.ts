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
  return [...redisOf(at(answer.json, 'redis')), ...subgraphs.map((each) => findingOf(each))]
}

function redisOf(redis: unknown): Finding[] {
  if (redis === 'ok') return [green('redis', 'answers the gateway')]
  if (redis !== 'unreachable') return []
  return [
    red(
      'redis',
      'does not answer the gateway',
      'Look at REDIS_URL. Until then each gateway admits a tenth of every limit.',
    ),
  ]
}

/** The steps of the path are DNS, TCP, HTTP, the signature, and whether it serves the SDL that was published. */
function findingOf(health: unknown): Finding {
  const check = `subgraph ${words(at(health, 'name'))}`
  const steps = at(health, 'path')
  const path: readonly unknown[] = Array.isArray(steps) ? steps : []
  const failed = path.find((step) => at(step, 'ok') !== true)
  const took = path.reduce<number>((sum, step) => sum + Number(at(step, 'tookMs') ?? 0), 0)
  if (at(health, 'status') === 'ok') {
    const version = at(health, 'version')
    const detail = `${words(at(health, 'url') ?? 'in process')}${version == null ? '' : `, version ${words(version)}`}`
    return green(check, detail, Math.round(took))
  }
  const told = failed === undefined ? '' : `: ${words(at(failed, 'step'))} ${words(at(failed, 'failure'))}`
  const fix = fixes[failed === undefined ? 'breaker' : words(at(failed, 'step'))] ?? 'Look at its log and its URL.'
  return red(check, `${words(at(health, 'status'))}${told}`, fix)
}

const fixes: Readonly<Record<string, string>> = {
  dns: 'The gateway cannot find the host of its URL: publish it with another, or mend DNS.',
  tcp: 'Nothing listens there, or a firewall is between: start it, or publish it with another URL.',
  http: 'Something listens there that is no subgraph, or is starting: look at its log.',
  signature: 'Give it its key (`tributary subgraph key <name>`), and compare both clocks.',
  schema: 'It serves another SDL than was published: publish what it serves, or restart it.',
  breaker: 'Its calls have failed lately; they are tried again in a while. Look at its log.',
}
