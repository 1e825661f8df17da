/**
 * Where the event log stands, for many who ask at once: each gets an answer that was asked for after they came, and no
 * more than one question is under way.
 */
export function createNewestEvent(ask: () => Promise<string | null>): () => Promise<string | null> {
  let current: Promise<string | null> | undefined
  let following: Promise<string | null> | undefined
  const begin = (): Promise<string | null> => {
    const asked = ask()
    current = asked
    const over = (): void => {
      current = undefined
    }
    asked.then(over, over)
    return asked
  }
  const beginNext = (): Promise<string | null> => {
    following = undefined
    return begin()
  }
  return () => {
    if (current === undefined) return begin()
    following ??= current.then(beginNext, beginNext)
    return following
  }
}
