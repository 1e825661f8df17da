import { defineBench } from '../bench.ts'
import { type Spread, rounded, showSpread, spreadOf } from '../measure/statistics.ts'
import { table } from '../measure/table.ts'
import { measureDecisions } from './decisions.ts'
import { type Stage, callerStages } from './stages.ts'
import { measureTokenIssue } from './token-issue.ts'

interface Figure {
  readonly name: string
  readonly cpuUs: Spread
}

export const callersBench = defineBench({
  name: 'callers',
  summary: 'CPU time that identity, policy and cost add to a warm request, decisions on limits and tokens per second.',
  options: {
    rounds: { doc: 'measurements of each kind, interleaved', default: 5 },
    requests: { doc: 'requests of one measurement', default: 20_000 },
    seconds: { doc: 'length of one measurement of decisions', default: 2 },
  },
  async run({ rounds, requests, seconds }, print) {
    const stages = await callerStages()
    const figures = await measureStages(stages, { rounds, requests })
    print("The portal's home page, warm; CPU microseconds per request\n")
    print(table([['stage', 'CPU µs'], ...figures.map(({ name, cpuUs }) => [name, showSpread(cpuUs, 1)])]))
    const decisions = await measureDecisions({ rounds, seconds })
    print('\nDecisions on five limits at once, settled after; the most that one process asks for\n')
    print(
      table([
        ['limits', 'decisions per second'],
        ...decisions.map(({ name, perSecond }) => [name, showSpread(perSecond, 0)]),
      ]),
    )
    const tokens = await measureTokenIssue({ rounds, seconds })
    print('\nAccess tokens that the authorization server gives apps for their keys, over HTTP\n')
    print(table([['tokens per second'], [showSpread(tokens, 0)]]))
    return rounded({ rounds, requests, seconds, stages: figures, decisions, tokens })
  },
})

async function measureStages(
  stages: readonly Stage[],
  { rounds, requests }: { readonly rounds: number; readonly requests: number },
): Promise<Figure[]> {
  const costs = new Map<string, number[]>()
  // The first round is for the compilers and counts for nothing.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, run } of round % 2 === 0 ? stages : stages.toReversed()) {
      const before = process.cpuUsage()
      for (let request = 0; request < requests; request += 1) await run()
      const { user, system } = process.cpuUsage(before)
      if (round > 0) costs.set(name, [...(costs.get(name) ?? []), (user + system) / requests])
    }
  }
  return stages.map(({ name }) => ({ name, cpuUs: spreadOf(costs.get(name) ?? []) }))
}
