/** Why the product could not be made ready, in words for the person at the terminal. */
export class PrepareError extends Error {
  /** @override */
  name = 'PrepareError'
}
