/** An object of the answer while it is put together, by response key. */
export type DataObject = { [responseKey: string]: unknown }

/** A place in the answer: response keys and list positions. */
export type ResponsePath = readonly (string | number)[]

/** Merges what a subgraph answered into what is already there; lists of equal length are merged item by item. */
export function mergeInto(target: DataObject, source: Readonly<DataObject>): void {
  for (const key of Object.keys(source)) {
    // Response keys are names, so only a broken subgraph could send this one.
    if (key === '__proto__') continue
    target[key] = mergeValue(target[key], source[key])
  }
}

function mergeValue(left: unknown, right: unknown): unknown {
  if (isObject(left) && isObject(right)) {
    mergeInto(left, right)
    return left
  }
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    return left.map((item: unknown, index) => mergeValue(item, right[index]))
  }
  return right ?? left ?? null
}

export function isObject(value: unknown): value is DataObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
