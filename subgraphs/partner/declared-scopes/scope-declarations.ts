import type { Reaction } from '../../../kit/background.ts'
import type { DomainEvent } from '../../../kit/events.ts'
import { createId } from '../../../kit/ids.ts'
import type { AppEnvironment } from '../apps/apps.ts'
import type { PartnerModels } from '../models.ts'
import { type DeclaredScope, notOffered } from './declared-scopes.ts'

/**
 * Follows what published subgraphs declare. A scope that is withdrawn in LIVE, or everywhere, or described otherwise ends
 * with all that was granted by it: whoever declares the name for something else finds nobody who holds it.
 */
export const scopeDeclarations: Reaction<PartnerModels> = {
  name: 'scope-declarations',
  types: ['subgraph_scope.declared', 'subgraph_scope.withdrawn'],
  async handle({ models: { declaredScopes }, events }, event, session) {
    const { environment, scope: name, subgraph, description } = event.data
    if (!isEnvironment(environment) || typeof name !== 'string' || typeof subgraph !== 'string') return
    const known = await declaredScopes.byName(session, name)
    const end = async ({ _id }: DeclaredScope): Promise<void> => {
      await declaredScopes.remove(session, _id)
      const { audience } = event
      await events.append(session, { type: 'declared_scope.ended', subject: _id, audience, data: { scope: name } })
    }
    if (event.type === 'subgraph_scope.declared') {
      if (typeof description !== 'string') return
      const environments = [...new Set([...(known?.environments ?? []), environment])].toSorted()
      // What partners build on is told in its own words, whatever the sandbox tries.
      const isTried = environment === 'SANDBOX' && known?.environments.includes('LIVE') === true
      if (known !== null && (isTried || known.description === description)) {
        await declaredScopes.change(session, known, { environments })
        return
      }
      // People have agreed to the words and not to the name.
      if (known !== null) await end(known)
      await declaredScopes.insert(session, newScope(event, { name, subgraph, description, environments }))
      return
    }
    if (known === null) return
    const left = known.environments.filter((one) => one !== environment)
    if (environment === 'SANDBOX' && left.length > 0) {
      await declaredScopes.change(session, known, { environments: left })
      return
    }
    await end(known)
    if (left.length > 0) await declaredScopes.insert(session, newScope(event, { ...known, environments: left }))
  },
}

function newScope(
  { time }: DomainEvent,
  {
    name,
    subgraph,
    description,
    environments,
  }: Pick<DeclaredScope, 'name' | 'subgraph' | 'description' | 'environments'>,
): DeclaredScope {
  const told = { name, subgraph, description, environments }
  return { _id: createId('DeclaredScope'), ...told, ...notOffered, declaredAt: time, version: 1 }
}

function isEnvironment(value: unknown): value is AppEnvironment {
  return value === 'LIVE' || value === 'SANDBOX'
}
