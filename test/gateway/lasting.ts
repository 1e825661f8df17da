import type { Identity, LiveIdentity } from '../../gateway/request.ts'

/** A caller of whom nothing ever becomes. */
export function lasting(identity: Identity): LiveIdentity {
  return { current: identity, ended: null, listen: () => () => undefined, release: () => undefined }
}
