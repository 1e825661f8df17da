import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '../../kit/log.ts'
import type { Directory } from '../directory.ts'

/** How long metadata waits for the partner subgraph: clients ask for it before anything else. */
const waitMs = 500

/** `scopes_supported` of the metadata; `current` is false where it could only be told as it was last known. */
export type SupportedScopes = () => Promise<{ readonly names: readonly string[]; readonly current: boolean }>

/**
 * The product's own scopes and those that published subgraphs offer to every partner. While the partner subgraph is out
 * of reach, the last that it has told; the log says so once, until it has answered again.
 */
export function createSupportedScopes({
  directory,
  scopes,
  log,
}: {
  readonly directory: Pick<Directory, 'declaredScopes'>
  readonly scopes: readonly string[]
  readonly log: Logger
}): SupportedScopes {
  let offered: readonly string[] = []
  let isTold = false
  const read = async (): Promise<true> => {
    const declared = await directory.declaredScopes()
    // What is offered to some only is not for everybody to read (RFC 8414, section 2, leaves it open).
    offered = declared.filter(({ everyPartner }) => everyPartner).map(({ name }) => name)
    return true
  }
  const tell = (err: unknown): false => {
    if (!isTold) log.warn({ err }, 'the scopes of published subgraphs cannot be read: metadata has the last known ones')
    isTold = true
    return false
  }
  return async () => {
    const answered = new AbortController()
    const { signal } = answered
    const late = async (): Promise<false> => {
      await wait(waitMs, undefined, { signal })
      return tell(new Error(`the partner subgraph has not answered within ${waitMs} ms`))
    }
    try {
      const current = await Promise.race([read(), late()]).catch(tell)
      // One that answers too late each time is not told of each time.
      if (current) isTold = false
      return { names: [...scopes, ...offered], current }
    } finally {
      answered.abort()
    }
  }
}
