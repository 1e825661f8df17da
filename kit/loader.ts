import DataLoader from 'dataloader'

/** A per-request loader of single documents by key; a key that is not found gives null. */
export function createLoader<Key extends string, Doc>(
  read: (keys: readonly Key[]) => Promise<readonly Doc[]>,
  keyOf: (doc: Doc) => Key,
): DataLoader<Key, Doc | null> {
  return new DataLoader(async (keys: readonly Key[]) => {
    const byKey = new Map((await read(keys)).map((doc) => [keyOf(doc), doc]))
    return keys.map((key) => byKey.get(key) ?? null)
  })
}

/** A per-request loader of all documents that share a key, in the order in which they were read. */
export function createGroupLoader<Key extends string, Doc>(
  read: (keys: readonly Key[]) => Promise<readonly Doc[]>,
  keyOf: (doc: Doc) => Key,
): DataLoader<Key, Doc[]> {
  return new DataLoader(async (keys: readonly Key[]) => {
    const byKey = new Map<Key, Doc[]>(keys.map((key) => [key, []]))
    for (const doc of await read(keys)) byKey.get(keyOf(doc))?.push(doc)
    return keys.map((key) => byKey.get(key) ?? [])
  })
}
