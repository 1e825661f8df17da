import type { Caller } from '../../kit/caller.ts'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { Identity, LiveIdentity } from '../request.ts'
import { believedMs } from './believed-answers.ts'
import type { Credentials } from './credentials.ts'
import type { IdentityDirectory, Client, Recognised } from './identity-directory.ts'
import type { IdentityChanges } from './identity-changes.ts'

export interface WatchTimes {
  /** How often tokens are compared with those that were revoked, and everything with its end. */
  readonly lookMs: number
  /** How often each caller is asked for anew, told or not. */
  readonly recheckMs: number
  /** How long a caller who cannot be asked for is still believed. With `believedMs`, half a minute. */
  readonly unreachableMs: number
}

export const defaultWatchTimes: WatchTimes = { lookMs: 500, recheckMs: 5_000, unreachableMs: 30_000 - believedMs }

/** Tells whatever holds something open for a caller what becomes of that caller. */
export interface IdentityWatch {
  /** Identifies as `IdentityDirectory.identify` does, and goes on until it is released. */
  watch(credentials: Credentials | null, client?: Client): Promise<LiveIdentity>
  close(): Promise<void>
}

/** One set of credentials, however many things are open for it. */
interface Watched {
  readonly credentials: Credentials
  recognised: Recognised
  ended: CodedError | null
  /** When it was asked for last, and when it was last known to stand. */
  askedAt: number
  stoodAt: number
  asking: boolean
  /** A change came while it was asked for. */
  again: boolean
  holders: number
  readonly listeners: Set<() => void>
}

/**
 * Watches callers who have something open. A change that was told makes the caller be looked up at once, and so does
 * the end of a key, token or consent. Everyone is asked for every five seconds besides, for changes that nobody told.
 * Who cannot be looked up for too long has ended: it fails closed.
 */
export function createIdentityWatch(options: {
  readonly directory: IdentityDirectory
  readonly changes: IdentityChanges
  readonly log: Logger
  readonly now: () => Date
  readonly nowMs: () => number
  readonly times?: Partial<WatchTimes>
}): IdentityWatch {
  const { directory, changes, log, now, nowMs } = options
  const { lookMs, recheckMs, unreachableMs } = { ...defaultWatchTimes, ...options.times }
  const all = new Map<string, Watched>()
  const bySubject = new Map<string, Set<Watched>>()
  let timer: NodeJS.Timeout | undefined

  const index = (watched: Watched, { subjects }: Recognised): void => {
    for (const subject of subjects) {
      const found = bySubject.get(subject)
      if (found === undefined) bySubject.set(subject, new Set([watched]))
      else found.add(watched)
    }
  }
  const unindex = (watched: Watched): void => {
    for (const subject of watched.recognised.subjects) {
      const found = bySubject.get(subject)
      if (found?.delete(watched) && found.size === 0) bySubject.delete(subject)
    }
  }
  const tell = (watched: Watched): void => {
    for (const listener of watched.listeners) listener()
  }
  const end = (watched: Watched, reason: CodedError): void => {
    if (watched.ended !== null) return
    watched.ended = reason
    unindex(watched)
    all.delete(keyOf(watched.credentials))
    tell(watched)
  }

  const ask = async (watched: Watched): Promise<void> => {
    const askedAt = nowMs()
    watched.askedAt = askedAt
    try {
      const recognised = await directory.recognise(watched.credentials)
      if (watched.ended !== null || watched.holders === 0) return
      watched.stoodAt = askedAt
      if (recognised === watched.recognised) return
      const former = watched.recognised
      if (isSomeoneElse(former.identity, recognised.identity)) return end(watched, someoneElse())
      unindex(watched)
      watched.recognised = recognised
      index(watched, recognised)
      tell(watched)
    } catch (error) {
      if (isCodedError(error) && (error.code === 'UNAUTHENTICATED' || error.code === 'PLAN_FORBIDS')) {
        return end(watched, error)
      }
      if (nowMs() - watched.stoodAt < unreachableMs) return
      log.warn({ err: error }, 'a caller could not be looked up for too long; what it has open is closed')
      end(watched, unreachable())
    }
  }
  /** Once at a time for each caller: what changes meanwhile is looked up after. */
  const check = async (watched: Watched): Promise<void> => {
    watched.again = true
    if (watched.asking) return
    watched.asking = true
    while (watched.again && watched.ended === null) {
      watched.again = false
      await ask(watched)
    }
    watched.asking = false
  }
  const verify = async (watched: Watched): Promise<void> => {
    try {
      await directory.verify(watched.credentials)
    } catch (error) {
      // That the list of revocations is out of reach is left to the next look-up, which counts it.
      if (isCodedError(error) && error.code === 'UNAUTHENTICATED') end(watched, error)
    }
  }

  const look = (): void => {
    const [time, moment] = [nowMs(), now().getTime()]
    for (const watched of all.values()) {
      const { endsAt } = watched.recognised
      // A question that hangs is no answer either.
      const hangs = watched.asking && time - watched.askedAt >= recheckMs
      if (hangs && time - watched.stoodAt >= unreachableMs) end(watched, unreachable())
      else if ((endsAt !== null && moment >= endsAt) || time - watched.askedAt >= recheckMs) void check(watched)
      else if (watched.credentials.kind === 'token') void verify(watched)
    }
  }
  const stopListening = changes.listen((subject) => {
    for (const watched of bySubject.get(subject) ?? []) void check(watched)
  })

  const open = (credentials: Credentials, recognised: Recognised): Watched => {
    const known = all.get(keyOf(credentials))
    if (known !== undefined) return known
    const time = nowMs()
    const watched: Watched = {
      credentials,
      recognised,
      ended: null,
      askedAt: time,
      stoodAt: time,
      asking: false,
      again: false,
      holders: 0,
      listeners: new Set(),
    }
    all.set(keyOf(credentials), watched)
    index(watched, recognised)
    timer ??= setInterval(look, lookMs).unref()
    return watched
  }
  const letGo = (watched: Watched): void => {
    watched.holders -= 1
    if (watched.holders > 0) return
    if (watched.ended === null) {
      unindex(watched)
      all.delete(keyOf(watched.credentials))
    }
    if (all.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    async watch(credentials, client) {
      const count = changes.count()
      const recognised = await directory.recognise(credentials, client)
      // Nobody is recognised by nothing.
      if (credentials === null) throw new CodedError('UNAUTHENTICATED', 'Say who calls.')
      const watched = open(credentials, recognised)
      watched.holders += 1
      // What was told between the look-up and now was told to nobody here.
      if (changes.count() !== count) void check(watched)
      let held = true
      const own = new Set<() => void>()
      return {
        get current() {
          return watched.recognised.identity
        },
        get ended() {
          return watched.ended
        },
        listen(onChange) {
          own.add(onChange)
          watched.listeners.add(onChange)
          return () => {
            own.delete(onChange)
            watched.listeners.delete(onChange)
          }
        },
        release() {
          if (!held) return
          held = false
          for (const listener of own) watched.listeners.delete(listener)
          letGo(watched)
        },
      }
    },
    async close() {
      stopListening()
      clearInterval(timer)
    },
  }
}

/** Streams are opened for one organization's data: for another's they must be opened anew. */
function isSomeoneElse({ caller: was }: Identity, { caller: is }: Identity): boolean {
  const whose: readonly (keyof Caller)[] = ['appId', 'organizationId', 'environment', 'operator', 'endUserId']
  return whose.some((field) => was[field] !== is[field])
}

function unreachable(): CodedError {
  return new CodedError('SUBGRAPH_UNAVAILABLE', 'Who is calling cannot be looked up now; come back later.')
}

function someoneElse(): CodedError {
  return new CodedError('UNAUTHENTICATED', 'The caller is another than before; begin again.')
}

function keyOf(credentials: Credentials): string {
  return credentials.kind === 'token' ? credentials.token : `${credentials.appId}:${credentials.key}`
}
