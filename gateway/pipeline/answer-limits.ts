import { type Charge, type ChargeDependencies, costExtension, foresee, lookAtLimits } from '../cost/charge.ts'
import { GraphAnswer } from './graph-answer.ts'
import type { RateLimitQuestion } from '../cost/rate-limit-question.ts'
import type { PreparedOperation } from './prepare-operation.ts'
import type { Identity, Variables } from '../request.ts'

interface Read {
  readonly prepared: PreparedOperation
  readonly variables: Variables
}

/** The answer of an operation that only asks for its limits, or only wants to know what it would cost; else null. */
export function answerAboutLimits(
  identity: Identity,
  read: Read,
  dependencies: ChargeDependencies,
): Promise<GraphAnswer> | null {
  const { rateLimit } = read.prepared
  if (rateLimit === null) return null
  const isDryRun = rateLimit.isDryRun(read.variables)
  if (!isDryRun && !rateLimit.alone) return null
  return tellLimits(identity, { ...read, rateLimit, isDryRun }, dependencies)
}

async function tellLimits(
  identity: Identity,
  {
    prepared: { projection, cost },
    variables,
    rateLimit,
    isDryRun,
  }: Read & { readonly rateLimit: RateLimitQuestion; readonly isDryRun: boolean },
  dependencies: ChargeDependencies,
): Promise<GraphAnswer> {
  const limits = await lookAtLimits(dependencies, identity)
  const outlook = isDryRun
    ? await foresee(dependencies, identity, { model: cost, variables, kind: 'request', id: 'dry run' })
    : { cost: null, admitted: null }
  const told = await rateLimit.answer({ identity, readings: limits, outlook, variables, now: dependencies.now() })
  const extension = { requestedQueryCost: outlook.cost ?? 0, actualQueryCost: 0, readings: limits }
  return new GraphAnswer({
    // Nothing else is run: it is null, without errors.
    dataText: withFields(projection({}, variables).text.replace(/^null$/, '{}'), told),
    extensions: { cost: costExtension(identity, extension) },
    limits,
  })
}

/** Adds what an operation asked of its limits to the text of its data, as they stand after it. */
export async function withLimits(
  dataText: string,
  {
    identity,
    rateLimit,
    variables,
    charge,
  }: {
    readonly identity: Identity
    readonly rateLimit: RateLimitQuestion
    readonly variables: Variables
    readonly charge: Charge
  },
  dependencies: ChargeDependencies,
): Promise<string> {
  if (dataText === 'null') return dataText
  const told = await rateLimit.answer({
    identity,
    readings: await lookAtLimits(dependencies, identity),
    outlook: { cost: charge.estimate, admitted: true },
    variables,
    now: dependencies.now(),
  })
  return withFields(dataText, told)
}

/** The JSON text of an object with more fields. */
export function withFields(text: string, fields: Readonly<Record<string, unknown>>): string {
  const more = JSON.stringify(fields)
  if (more === '{}' || text === 'null') return text
  return text === '{}' ? more : `${text.slice(0, -1)},${more.slice(1)}`
}
