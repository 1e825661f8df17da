import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { decideDeal, registerDeal } from './deal-actions.ts'
import type { GraphClient } from '../sdk/graph-client.ts'
import { type Market, readMarket } from './market.ts'
import type { Random } from './random.ts'
import { type ActionReport, trade } from './stock-actions.ts'

export interface SimulationOptions {
  readonly graph: GraphClient
  readonly random: Random
  /** Actions per second at most; one begins when the one before has ended. */
  readonly rate: number
  /** Actions to do before it ends. */
  readonly count: number
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

/** Sells, restocks and now and then registers or decides a deal, until `count` is reached or the signal fires. */
export async function runSimulation(options: SimulationOptions): Promise<void> {
  const { graph, signal, print } = options
  const market = await readMarket(graph)
  const { stock, partners } = market
  if (stock.length === 0) throw new Error('The graph knows no stock to trade with; was the demo data seeded?')
  print(`${stock.length} stock levels, ${partners.length} partners; Ctrl-C ends.`)
  const run = randomUUID()
  const begin = performance.now()
  let done = 0
  try {
    // One action after the other, so that a slow server is not buried.
    while (done < options.count) {
      const { verb, text } = await act(options, market, `simulate-${run}-${done}`)
      print(`${new Date().toISOString().slice(11, 19)}  ${verb.padEnd(8)}  ${text}`)
      done += 1
      const ahead = begin + (done * 1000) / options.rate - performance.now()
      if (ahead > 0 && done < options.count) await pause(ahead, undefined, { signal })
    }
  } finally {
    print(`${done} actions`)
  }
}

async function act({ graph, random }: SimulationOptions, market: Market, key: string): Promise<ActionReport> {
  const kind = random.fraction()
  const stocked = random.pick(market.stock)
  if (market.partners.length > 0 && kind < 0.04) {
    return registerDeal(graph, random, { partner: random.pick(market.partners), wanted: stocked, key })
  }
  const decided = market.partners.length > 0 && kind < 0.07 ? await decideDeal(graph, random, key) : undefined
  if (decided) return decided
  // What runs out is restocked sooner or later, so that a long run does not end with empty warehouses.
  return kind > 0.85 || stocked.available === 0
    ? trade(graph, stocked, { reason: 'RESTOCK', delta: random.between(5, 60), key })
    : trade(graph, stocked, { reason: 'SALE', delta: -random.between(1, Math.min(8, stocked.available + 1)), key })
}
