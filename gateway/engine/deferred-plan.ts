import type { GraphQLSchema } from 'graphql'
import type { PlanNode } from '../operation/query-plan.ts'
import { type Step, compileNode, nothing } from './compile-plan.ts'
import type { DataObject } from './data.ts'
import type { PlanRun } from './plan-run.ts'

/** Told when all data of a part is there: by its label, null for what is answered at once. */
export type PartFetched = (label: string | null, run: PlanRun) => void

/** A plan whose parts are told of as they come. */
export interface DeferredPlan {
  /** The labels of the parts that it fetches; what else is deferred comes with the part that it stands in. */
  readonly labels: ReadonlySet<string>
  /** Resolves when all is fetched. Each part has a run of its own, with its own errors and the same data. */
  run(run: PlanRun, fetched: PartFetched): Promise<void>
}

/** Which of the fetches that others wait for have been made, in one run. */
class Landings {
  readonly #landed = new Map<string, Landing>()

  wait(id: string): Promise<void> {
    return this.#of(id).promise
  }

  land(id: string): void {
    this.#of(id).resolve()
  }

  #of(id: string): Landing {
    let landing = this.#landed.get(id)
    if (landing === undefined) {
      landing = createLanding()
      this.#landed.set(id, landing)
    }
    return landing
  }
}

interface Landing {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

function createLanding(): Landing {
  let resolve = doNothing
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}

function doNothing(): void {}

/** Compiles the plan of an operation that is answered in parts. */
export function compileDeferredPlan(schema: GraphQLSchema, node: PlanNode | null): DeferredPlan {
  const labels = new Set<string>()
  // By the data of a run, which all of its parts share.
  const landings = new WeakMap<DataObject, Landings>()
  const compile = (step: PlanNode | null): Step =>
    step ? compileNode(schema, step, (run, id) => landings.get(run.data)?.land(id)) : nothing

  const compilePart = (part: PlanNode | null, label: string | null): PartRun => {
    const { primary, deferred } = part?.kind === 'defer' ? part : { primary: part, deferred: [] }
    const begin = compile(primary)
    const ids = primary ? landingsIn(primary) : []
    const later = deferred.map(({ label: inner, depends, node: fetches }) => {
      labels.add(inner)
      return { depends: fetches ? depends : [], run: compilePart(fetches, inner) }
    })
    return async (run, landing, fetched) => {
      const first = (async () => {
        await begin(run)
        // Those of a branch that was not taken hold nobody up.
        for (const id of ids) landing.land(id)
        fetched(label, run)
      })()
      const others = later.map(async ({ depends, run: runPart }) => {
        if (depends.length === 0) await first
        else await Promise.all(depends.map((id) => landing.wait(id)))
        await runPart({ ...run, errors: [] }, landing, fetched)
      })
      await Promise.all([first, ...others])
    }
  }

  const whole = compilePart(node, null)
  return {
    labels,
    async run(run, fetched) {
      const landing = new Landings()
      landings.set(run.data, landing)
      await whole(run, landing, fetched)
    },
  }
}

type PartRun = (run: PlanRun, landing: Landings, fetched: PartFetched) => Promise<void>

/** The ids of the fetches in a part of a plan that others wait for. */
function landingsIn(node: PlanNode): string[] {
  switch (node.kind) {
    case 'sequence':
    case 'parallel':
      return node.nodes.flatMap(landingsIn)
    case 'condition':
      return [node.met, node.unmet].flatMap((branch) => (branch ? landingsIn(branch) : []))
    case 'landing':
      return [node.id, ...landingsIn(node.node)]
    case 'defer':
    case 'fetch':
    case 'entities':
      return []
    default:
      return node satisfies never
  }
}
