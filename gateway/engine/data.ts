/** An object of the answer while it is put together, by response key. */
export type DataObject = { [responseKey: string]: unknown }

/** A place in the answer: response keys and list positions. */
export type ResponsePath = readonly (string | number)[]

/** Merges what a subgraph answered into what is already there; lists of equal length are merged item by item. */
export function mergeInto(target: DataObject, source: Readonly<DataObject>): void {
  // Not over `Object.keys`, which would make a list for every object of an answer.
  for (const key in source) {
    // Response keys are names, so only a broken subgraph could send this one.
    if (key === '__proto__') continue
    const left = target[key]
    // A function is what every object inherits under a name such as `constructor`; it is no data.
    if (left === undefined || left === null || typeof left === 'function') target[key] = source[key]
    else if (typeof left === 'object') target[key] = mergeValue(left, source[key])
    else target[key] = source[key] ?? left
  }
}

/** A value of the answer with another of the same place merged into it. */
export function mergeValue(left: unknown, right: unknown): unknown {
  if (isObject(left) && isObject(right)) {
    mergeInto(left, right)
    return left
  }
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    // In place: a fetch that is under way holds on to the objects of the list.
    for (let index = 0; index < left.length; index++) left[index] = mergeValue(left[index], right[index])
    return left
  }
  return right ?? left ?? null
}

/** A copy for a second place in the answer: a later merge into one must not show in the other. */
export function copyOf<Value>(value: Value): Value
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf)
  if (!isPlain(value)) return value
  const copy: DataObject = {}
  for (const key of Object.keys(value)) if (key !== '__proto__') copy[key] = copyOf(value[key])
  return copy
}

export function isObject(value: unknown): value is DataObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Not a Date or the like, which a subgraph of this process may answer for a scalar of its own. */
function isPlain(value: unknown): value is DataObject {
  if (!isObject(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
