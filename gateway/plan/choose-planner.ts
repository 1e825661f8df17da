import type { QueryPlanner } from '@apollo/query-planner'
import { ConfigError } from '../../kit/config.ts'
import type { Logger } from '../../kit/log.ts'
import { createApolloPlanner } from './apollo-planner.ts'
import type { Planner } from './planner.ts'
import { loadRustPlanner } from './rust-planner.ts'

/** Makes the planner of a supergraph. Apollo's gateway has made its own already, to hand it over. */
export type PlannerFactory = (supergraphSdl: string, apollo: QueryPlanner) => Planner

/**
 * Chooses the planner (docs/decisions/query-planner.md): the Rust one, Apollo's, or with `auto` the Rust one wherever
 * its binary loads and takes the supergraph.
 */
export function choosePlanner(wanted: 'auto' | 'rust' | 'apollo', log: Logger): PlannerFactory {
  const createRust = wanted === 'apollo' ? null : loadRustPlanner()
  if (createRust === null) {
    if (wanted === 'rust') {
      throw new ConfigError('PLANNER is rust, whose binary does not load on this system; set it to auto or apollo.')
    }
    if (wanted === 'auto') log.info('the Rust query planner has no binary for this system; Apollo’s is used')
    return (_supergraphSdl, apollo) => createApolloPlanner(apollo)
  }
  return (supergraphSdl, apollo) => {
    try {
      return createRust(supergraphSdl)
    } catch (error) {
      if (wanted === 'rust') throw error
      log.warn({ err: error }, 'the Rust query planner does not take the supergraph; Apollo’s is used')
      return createApolloPlanner(apollo)
    }
  }
}
