import { createCaller } from '../kit/caller.ts'
import { CodedError } from '../kit/errors.ts'
import type { Leave } from '../kit/until-refused.ts'
import type { CompiledPlan } from './engine/compile-plan.ts'
import type { DataObject } from './engine/data.ts'
import { type Denial, denialError } from './policy/filter-operation.ts'
import type { Identity, Variables } from './request.ts'

/** What of a prepared operation a stream's events are answered by. */
interface Preparable {
  readonly denials: readonly Denial[]
  readonly plan: (variables: Variables) => CompiledPlan | null
}

/** How events of a stream are answered now. */
export interface View<Prepared> {
  readonly identity: Identity
  readonly prepared: Prepared
  readonly plan: CompiledPlan
  /** Whether the source, which was opened with more, gives what must be dropped. */
  readonly narrowed: boolean
}

export interface StreamView<Prepared> extends Leave {
  current(): View<Prepared>
}

/**
 * What an open stream may tell while its caller changes: never more than when it was opened, less as soon as the caller
 * may see less. It is refused when the caller has ended, or may not see the stream's own field any more.
 */
export function createStreamView<Prepared extends Preparable>(
  opened: Omit<View<Prepared>, 'narrowed'> & { readonly variables: Variables },
  prepareFor: (identity: Identity) => Prepared,
): StreamView<Prepared> {
  const { variables, ...first } = opened
  const { live } = first.identity
  const scopes = new Set(first.identity.caller.scopes)
  let view: View<Prepared> = { ...first, narrowed: false }
  let seen: Identity | undefined
  let refusal: CodedError | null = null

  const update = (): void => {
    const now = live?.current
    if (now === undefined || now === seen) return
    seen = now
    const kept = now.caller.scopes.filter((scope) => scopes.has(scope))
    const caller = createCaller({ ...now.caller, scopes: kept })
    const identity = { ...first.identity, caller, limits: now.limits }
    const prepared = prepareFor(identity)
    const plan = prepared.plan(variables)
    if (plan?.primary) view = { identity, prepared, plan, narrowed: kept.length < scopes.size }
    else {
      const [denial] = prepared.denials
      refusal = denial ? denialError(denial) : new CodedError('FORBIDDEN', 'Your app may not follow this any more.')
    }
  }

  return {
    current() {
      update()
      return view
    },
    refusal() {
      if (live?.ended) return live.ended
      update()
      return refusal
    },
    listen: (onChange) => live?.listen(onChange) ?? (() => undefined),
  }
}

/** Takes fields that are denied now out of data that was asked for before they were. */
export function dropDenied(data: DataObject, denials: readonly Denial[]): void {
  for (const { path } of denials) drop(data, path, 0)
}

function drop(value: unknown, path: readonly string[], at: number): void {
  if (Array.isArray(value)) {
    for (const item of value) drop(item, path, at)
    return
  }
  const key = path[at]
  if (typeof value !== 'object' || value === null || key === undefined) return
  const object = value as Record<string, unknown>
  if (at === path.length - 1) delete object[key]
  else drop(object[key], path, at + 1)
}
