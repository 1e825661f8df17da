import { Command } from 'commander'
import { styleText } from 'node:util'
import { type GraphOptions, addGraphOptions } from '../graph-options.ts'
import { type LocalRun, findGraph, localCommand } from '../run-command.ts'
import type { Finding } from './check.ts'
import { lookAtGateway } from './look-at-gateway.ts'
import { lookAtSubgraph } from './look-at-subgraph.ts'
import { lookAtSubgraphs } from './look-at-subgraphs.ts'

interface Options extends Partial<GraphOptions> {
  readonly config: string
  readonly subgraph?: string
  readonly signatureKey?: string
  readonly schema?: string
}

/** `tributary doctor`. */
export function doctorCommand(): Command {
  const command = addGraphOptions(new Command('doctor'))
    .summary('green or red for each part of the path from here to the subgraphs')
    .description(
      'Looks at the gateway, its database, the clocks, the authorization server, who you are, and each subgraph as the\n' +
        "gateway sees it. What is red comes with what to do. With --subgraph it looks at a team's own service first.",
    )
    .option('--subgraph <url>', 'a subgraph of yours, for example http://localhost:4100/graphql')
    .option('--signature-key <key>', 'its key, as `tributary subgraph key` prints it, to ask it as the gateway does')
    .option('--schema <file>', 'its SDL, which must be what it serves')
    .addHelpText(
      'after',
      `
Exit codes: 0 all green, 1 something is red, 2 wrong options.

Examples
    tributary doctor
    tributary doctor --subgraph http://localhost:4100/graphql --signature-key … --schema schema.graphql`,
    )
  return localCommand<Options>(command, { interrupted: 'Interrupted.', work: examine })
}

async function examine({ options, signal, print, show }: LocalRun<Options>): Promise<number> {
  const place = { ...(await findGraph(options, signal)), signal }
  const findings: Finding[] = []
  if (options.subgraph !== undefined) {
    const { signatureKey: key = null, schema = null } = options
    findings.push(...(await lookAtSubgraph({ url: options.subgraph, key, schema, signal })))
  }
  const gateway = await lookAtGateway(place)
  findings.push(...gateway)
  if (gateway[0]?.ok === true) findings.push(...(await lookAtSubgraphs(place)))
  const sound = findings.every(({ ok }) => ok)
  show({ ok: sound, findings }, () => {
    const width = Math.max(...findings.map(({ check }) => check.length))
    for (const { check, ok, detail, ms, fix } of findings) {
      const mark = ok ? styleText('green', 'green') : styleText('red', 'red  ')
      print(`${mark}  ${check.padEnd(width)}  ${detail}${ms === null ? '' : `  (${ms} ms)`}`)
      if (fix !== null) print(`${' '.repeat(width + 9)}${fix}`)
    }
  })
  return sound ? 0 : 1
}
