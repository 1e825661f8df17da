import type { QueryPlanner } from '@apollo/query-planner'
import { ConfigError } from '../../kit/config.ts'
import type { Logger } from '../../kit/log.ts'
import { createApolloPlanner } from './apollo-planner.ts'
import { supergraphFaults } from './check-supergraph.ts'
import type { Planner } from './planner.ts'
import { type RustPlannerFactory, loadRustPlanner } from './rust-planner.ts'

/** Makes the planner of a supergraph. Apollo's is asked for only where it is used: to make it takes a good while. */
export type PlannerFactory = (supergraphSdl: string, apollo: () => QueryPlanner) => Planner

/**
 * Chooses the planner (docs/decisions/query-planner.md): the Rust one, Apollo's, or with `auto` the Rust one wherever
 * its binary loads and takes the supergraph. A supergraph that the planner would answer wrongly is refused with a
 * ConfigError that names what it is about.
 */
export function choosePlanner(wanted: 'auto' | 'rust' | 'apollo', log: Logger): PlannerFactory {
  const createRust = wanted === 'apollo' ? null : loadRustPlanner()
  if (createRust === null && wanted === 'rust') {
    throw new ConfigError('PLANNER is rust, whose binary does not load on this system; set it to auto or apollo.')
  }
  if (createRust === null && wanted === 'auto') {
    log.info('the Rust query planner has no binary for this system; Apollo’s is used')
  }
  return (supergraphSdl, apollo) => {
    const planner = createRust ? orApollo(createRust, supergraphSdl, apollo) : createApolloPlanner(apollo())
    const faults = supergraphFaults(supergraphSdl, planner.name)
    if (faults.length > 0) {
      throw new ConfigError(`The supergraph cannot be planned for:\n  ${faults.join('\n  ')}`)
    }
    return planner
  }

  function orApollo(create: RustPlannerFactory, supergraphSdl: string, apollo: () => QueryPlanner): Planner {
    try {
      return create(supergraphSdl)
    } catch (error) {
      if (wanted === 'rust') throw error
      log.warn({ err: error }, 'the Rust query planner does not take the supergraph; Apollo’s is used')
      return createApolloPlanner(apollo())
    }
  }
}

/**
 * The planner of operations with `@defer`, which the Rust planner does not know; null for a supergraph that Apollo's
 * would plan wrongly.
 */
export function deferPlanner(supergraphSdl: string, apollo: () => QueryPlanner): Planner | null {
  return supergraphFaults(supergraphSdl, 'apollo').length === 0 ? createApolloPlanner(apollo()) : null
}
