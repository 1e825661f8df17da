import { LRUCache } from 'lru-cache'
import type { Contracts, EditionTexts } from '../kit/contracts.ts'
import type { SchemaWorkshop } from '../kit/schema-workshop.ts'

/** The supergraph that is served, the one that is checked against it, and the same of the other environment. */
const keptSupergraphs = 4

/** Works the schemas of contracts and versions out beside the thread that serves, once per supergraph. */
export function createEditionReader(options: {
  readonly workshop: Pick<SchemaWorkshop, 'editions'>
  readonly contracts: Contracts
  /** Those of one supergraph, which were written down when it was composed; null when there are none. */
  readonly committed: () => { readonly supergraphSdl: string; readonly sdls: ReadonlyMap<string, string> } | null
}): (supergraphSdl: string) => Promise<EditionTexts> {
  const { workshop, contracts } = options
  const known = new LRUCache<string, Promise<EditionTexts>>({ max: keptSupergraphs })
  let committed: ReturnType<typeof options.committed> | undefined
  const find = async (supergraphSdl: string): Promise<EditionTexts> => {
    committed ??= options.committed()
    if (committed?.supergraphSdl === supergraphSdl) return { sdls: committed.sdls, problems: [] }
    if (contracts.contracts.length === 0) return { sdls: new Map(), problems: [] }
    return workshop.editions(supergraphSdl, contracts)
  }
  return (supergraphSdl) => {
    const before = known.get(supergraphSdl)
    if (before) return before
    const found = find(supergraphSdl)
    known.set(supergraphSdl, found)
    // What failed may have been of the moment, such as a machine without memory.
    found.catch(() => known.delete(supergraphSdl))
    return found
  }
}
