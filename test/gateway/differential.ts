import * as fc from 'fast-check'
import { execute, parse, validate } from 'graphql'
import type { PlannerName } from '../../gateway/plan/planner.ts'
import { createInProcessTransport } from '../../gateway/transport/in-process-transport.ts'
import { HttpResult, type Transport, type TransportResult } from '../../gateway/transport/transport.ts'
import type { SubgraphService } from '../../kit/subgraph-service.ts'
import { difference } from './compare-answers.ts'
import { generateGraph } from './generated-graph.ts'
import { generateOperation } from './generated-operation.ts'
import { createMiniGraph } from './mini-graph.ts'

/** How requests and answers pass: as objects of one process, or as JSON text, as over HTTP. */
export type Way = 'objects' | 'text'

/**
 * Draws graphs and operations and compares the gateway's answers, subgraphs and all, with those of graphql-js executed
 * on one schema of the same data.
 */
export async function compareWithWhole(options: {
  readonly planner: PlannerName
  readonly way: Way
  readonly graphs: number
  readonly operations: number
  readonly seed: number
}): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (draw) => {
      const generated = generateGraph(draw)
      const connect = (service: SubgraphService) =>
        Promise.resolve(options.way === 'text' ? asText(service) : createInProcessTransport(service))
      const graph = await createMiniGraph(generated.subgraphs, { planner: options.planner, connect })
      for (let count = 0; count < options.operations; count++) {
        const query = generateOperation(draw, generated)
        const document = parse(query)
        const [fault] = validate(graph.snapshot.apiSchema, document)
        if (fault) throw fault
        const whole = await execute({ schema: generated.whole, document })
        // Three times, because the first runs are answered by the careful projection alone.
        for (let run = 0; run < 3; run++) {
          graph.fetches.length = 0
          const limits = { bucketSize: 1e12, maxQueryCost: 1e12 }
          const answer = await graph.run(document, { limits })
          const found = difference(answer, { data: whole.data, errors: whole.errors ?? [] })
          if (found === null) continue
          const sdl = generated.subgraphs.map((subgraph) => `# ${subgraph.name}\n${subgraph.sdl}`).join('\n')
          const told = JSON.stringify(
            { fetches: graph.fetches, gateway: answer.data, errors: answer.errors, whole },
            null,
            1,
          )
          throw new Error(`${found} differs in run ${run} of ${query}\n${told}\n${sdl}`)
        }
      }
    }),
    { numRuns: options.graphs, seed: options.seed, endOnFailure: true },
  )
}

/** A subgraph of this process that is called with text and answers with text. */
function asText(service: SubgraphService): Transport {
  const transport = createInProcessTransport(service)
  return {
    ...transport,
    sendsText: true,
    async execute({ body, ...request }) {
      const { query, variables = {} } = JSON.parse(body ?? '') as { query: string; variables?: Record<string, unknown> }
      const text = JSON.stringify(await transport.execute({ ...request, query, variables }))
      const result = JSON.parse(text) as TransportResult
      return new HttpResult(result, !text.includes('\\'))
    },
  }
}
