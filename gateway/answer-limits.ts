import {
  type Charge,
  type ChargeDependencies,
  type LimitReading,
  costExtension,
  foresee,
  lookAtLimits,
} from './cost/charge.ts'
import type { CostExtension } from './cost/cost-refusal.ts'
import type { DataObject } from './engine/data.ts'
import type { PreparedOperation } from './prepare-operation.ts'
import type { Identity, Variables } from './request.ts'

interface Read {
  readonly prepared: PreparedOperation
  readonly variables: Variables
}

/** The answer of an operation that only asks for its limits, or only wants to know what it would cost; else null. */
export async function answerAboutLimits(
  identity: Identity,
  { prepared: { rateLimit, projection, cost }, variables }: Read,
  dependencies: ChargeDependencies,
): Promise<{
  data: DataObject
  errors: []
  extensions: { cost: CostExtension }
  limits: readonly LimitReading[]
} | null> {
  if (rateLimit === null) return null
  const isDryRun = rateLimit.isDryRun(variables)
  if (!isDryRun && !rateLimit.alone) return null
  const limits = await lookAtLimits(dependencies, identity)
  const outlook = isDryRun
    ? await foresee(dependencies, identity, { model: cost, variables, kind: 'request', id: 'dry run' })
    : { cost: null, admitted: null }
  const told = await rateLimit.answer({ identity, readings: limits, outlook, variables, now: dependencies.now() })
  const extension = { requestedQueryCost: outlook.cost ?? 0, actualQueryCost: 0, readings: limits }
  return {
    // Nothing else is run: it is null, without errors.
    data: { ...projection({}, variables).data, ...told },
    errors: [],
    extensions: { cost: costExtension(identity, extension) },
    limits,
  }
}

/** Adds what an operation asked of its limits to its data, as they stand after it. */
export async function withLimits(
  data: DataObject | null,
  identity: Identity,
  { prepared, variables, charge, ...dependencies }: Read & { readonly charge: Charge } & ChargeDependencies,
): Promise<DataObject | null> {
  const { rateLimit } = prepared
  if (rateLimit === null || data === null) return data
  const told = await rateLimit.answer({
    identity,
    readings: await lookAtLimits(dependencies, identity),
    outlook: { cost: charge.estimate, admitted: true },
    variables,
    now: dependencies.now(),
  })
  return { ...data, ...told }
}
