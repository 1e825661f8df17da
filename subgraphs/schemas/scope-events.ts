import type { NewEvent } from '../../kit/events.ts'
import type { DeclaredScope } from '../../kit/schema-workshop.ts'
import type { GraphEnvironment } from './subgraph-versions.ts'

/** What the partner subgraph, which grants scopes, must learn of a publication: one event for each that has changed. */
export function scopeEvents(
  { before, after }: { readonly before: readonly DeclaredScope[]; readonly after: readonly DeclaredScope[] },
  of: { readonly environment: GraphEnvironment; readonly subgraph: string },
): readonly Pick<NewEvent, 'type' | 'data'>[] {
  const described = new Map(before.map(({ name, description }) => [name, description]))
  const stay = new Set(after.map(({ name }) => name))
  return [
    ...before
      .filter(({ name }) => !stay.has(name))
      .map(({ name }) => ({ type: 'subgraph_scope.withdrawn', data: { ...of, scope: name } })),
    ...after
      .filter(({ name, description }) => described.get(name) !== description)
      .map(({ name, description }) => ({ type: 'subgraph_scope.declared', data: { ...of, scope: name, description } })),
  ]
}
