import type { QueryPlanner } from '@apollo/query-planner'
import { createApolloPlanner } from './apollo-planner.ts'
import { supergraphFaults } from './check-supergraph.ts'
import { type PlannerLog, type WantedPlanner, chooseRust, refuseFaults } from './choose-rust.ts'
import type { Planner } from './planner.ts'
import { type PlannerThread, openPlannerThread } from './planner-thread.ts'

/** Makes planners of supergraphs. */
export interface PlannerFactory {
  /**
   * Here and now, which a start can wait for. Apollo's is asked for only where it is used: to make it takes a good while.
   */
  readonly create: (supergraphSdl: string, apollo: () => QueryPlanner) => Planner
  /** The same in a thread of its own, while requests are answered. */
  readonly open: (supergraphSdl: string) => Promise<PlannerThread>
  /** Apollo's, for operations with `@defer`, in a thread; rejects for a supergraph that it would plan wrongly. */
  readonly openDeferring: (supergraphSdl: string) => Promise<PlannerThread>
}

/**
 * Chooses the planner (docs/decisions/query-planner.md): the Rust one, Apollo's, or with `auto` the Rust one wherever
 * its binary loads and takes the supergraph. A supergraph that the planner would answer wrongly is refused with a
 * ConfigError that names what it is about.
 */
export function choosePlanner(wanted: WantedPlanner, log: PlannerLog): PlannerFactory {
  const rust = chooseRust(wanted, log)
  return {
    create: (supergraphSdl, apollo) =>
      refuseFaults(supergraphSdl, rust(supergraphSdl) ?? createApolloPlanner(apollo())),
    open: (supergraphSdl) => openPlannerThread({ supergraphSdl, wanted, log }),
    openDeferring: (supergraphSdl) => openPlannerThread({ supergraphSdl, wanted: 'deferring', log }),
  }
}

/**
 * The planner of operations with `@defer`, which the Rust planner does not know; null for a supergraph that Apollo's
 * would plan wrongly.
 */
export function deferPlanner(supergraphSdl: string, apollo: () => QueryPlanner): Planner | null {
  return supergraphFaults(supergraphSdl, 'apollo').length === 0 ? createApolloPlanner(apollo()) : null
}
