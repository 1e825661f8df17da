/** Null while there is time left; else a promise to wait for, in which requests are answered. */
export type Slices = () => Promise<void> | null

/** Cuts long work into slices of a few milliseconds, so that nobody waits for the whole of it. */
export function createSlices(sliceMs = 5): Slices {
  let begunMs = performance.now()
  return () => {
    if (performance.now() - begunMs < sliceMs) return null
    return new Promise((resolve) => {
      setImmediate(() => {
        begunMs = performance.now()
        resolve()
      })
    })
  }
}
