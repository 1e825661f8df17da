import type { PlannerLog } from './choose-rust.ts'
import type { PlannerThread } from './planner-thread.ts'

/** The planner of operations that are answered in parts, made when the first is asked for. */
export interface DeferringPlanner {
  /** Null for a supergraph that cannot be planned so; undefined while it is made, which this begins. */
  now(): PlannerThread | null | undefined
  /** Resolves when there is one, or will be none. */
  made(): Promise<unknown>
  /** Lets it go, should it come to be. */
  rest(): void
}

/** Apollo's planner knows `@defer`; where it plans everything there is no need of another. */
export function createDeferringPlanner(
  planning: Promise<PlannerThread>,
  open: () => Promise<PlannerThread>,
  log: PlannerLog,
): DeferringPlanner {
  let planner: PlannerThread | null | undefined
  let making: Promise<unknown> | undefined
  const make = async (): Promise<void> => {
    const main = await planning
    try {
      planner = main.name === 'apollo' ? main : await open()
    } catch (error) {
      planner = null
      log.warn({ err: error }, 'operations with @defer are answered whole: they cannot be planned on this supergraph')
    }
  }
  const made = (): Promise<unknown> => (making ??= make())
  return {
    now() {
      // It rejects where nothing can be planned at all, for which the supergraph is refused and the reason told.
      if (making === undefined) void made().catch(() => undefined)
      return planner
    },
    made,
    rest() {
      void making?.then(
        () => planner?.rest(),
        () => undefined,
      )
    },
  }
}
