import { ConfigError } from '../../kit/config-error.ts'
import { supergraphFaults } from './check-supergraph.ts'
import type { Planner } from './planner.ts'
import { loadRustPlanner } from './rust-planner.ts'

/** Which planner is wanted: with `auto` the Rust one wherever its binary loads and takes the supergraph. */
export type WantedPlanner = 'auto' | 'rust' | 'apollo'

/** Takes what an operator should know. */
export interface PlannerLog {
  info(text: string): void
  warn(details: { readonly err: unknown }, text: string): void
}

/** Makes the Rust planner of a supergraph; null where Apollo's is to plan. */
export function chooseRust(wanted: WantedPlanner, log: PlannerLog): (supergraphSdl: string) => Planner | null {
  const create = wanted === 'apollo' ? null : loadRustPlanner()
  if (create === null && wanted === 'rust') {
    throw new ConfigError('PLANNER is rust, whose binary does not load on this system; set it to auto or apollo.')
  }
  if (create === null && wanted === 'auto') {
    log.info('the Rust query planner has no binary for this system; Apollo’s is used')
  }
  return (supergraphSdl) => {
    if (create === null) return null
    try {
      return create(supergraphSdl)
    } catch (error) {
      if (wanted === 'rust') throw error
      log.warn({ err: error }, 'the Rust query planner does not take the supergraph; Apollo’s is used')
      return null
    }
  }
}

/** Throws a ConfigError for a supergraph that the planner would answer wrongly, which names what it is about. */
export function refuseFaults(supergraphSdl: string, planner: Planner): Planner {
  const faults = supergraphFaults(supergraphSdl, planner.name)
  if (faults.length === 0) return planner
  throw new ConfigError(`The supergraph cannot be planned for:\n  ${faults.join('\n  ')}`)
}
