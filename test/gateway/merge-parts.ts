import type { PartError, Payload } from './mini-graph.ts'

/** What a client has when it has put all payloads together. */
export function mergeParts(payloads: readonly Payload[]): { data: unknown; errors: readonly PartError[] } {
  const [first, ...others] = payloads
  const merged = { data: first?.data }
  const errors = [...(first?.errors ?? [])]
  for (const { incremental = [] } of others) {
    for (const item of incremental) {
      errors.push(...(item.errors ?? []))
      let parent: unknown = merged
      for (const step of ['data', ...item.path]) parent = (parent as Record<string | number, unknown>)[step]
      mergeInto(parent as Record<string, unknown>, item.data)
    }
  }
  return { data: merged.data, errors }
}

function mergeInto(target: Record<string | number, unknown>, source: unknown): void {
  for (const [key, value] of Object.entries(source ?? {})) {
    const known = target[key]
    if (typeof known === 'object' && known !== null && typeof value === 'object' && value !== null) {
      mergeInto(known as Record<string | number, unknown>, value)
    } else target[key] = value
  }
}
