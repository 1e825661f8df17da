import type { ClientSession, Connection } from 'mongoose'
import {
  type CallIdentity,
  type MutationOutcome,
  createIdempotencyRecords,
  identifyCall,
  isAnsweredKey,
  sameAnswer,
} from './idempotency.ts'
import { auditOfMutation, openAudit, writeAudit } from './audit.ts'
import { type MutationContext, takeTurns } from './mutate.ts'

/** One of the calls that a group's transaction serves. */
export interface GroupedCall<Context, Input> {
  readonly context: Context
  readonly input: Input
}

export interface GroupedMutationOptions<Context, Input> {
  readonly name: string
  /** Most calls of one transaction, which bounds its size and how long it keeps others waiting. */
  readonly mostCalls: number
  /** Most keys of one transaction, for calls that change many things; one call may have more by itself. */
  readonly mostKeys: number
  /** Most transactions at once, each of calls that share no key with those of the others. */
  readonly mostGroups: number
  /** Ids of what a call changes that others may change too. */
  readonly keysOf: (input: Input) => readonly string[]
  /**
   * Does all calls of a group, in their order, and answers each. A call that is refused must leave no trace, because
   * the transaction is committed for the others. May be run more than once when transactions conflict.
   */
  readonly work: (
    calls: readonly GroupedCall<Context, Input>[],
    session: ClientSession,
  ) => Promise<readonly MutationOutcome[]>
}

interface Settle {
  readonly resolve: (outcome: MutationOutcome) => void
  readonly reject: (cause: unknown) => void
}

interface Waiting<Context, Input> extends GroupedCall<Context, Input> {
  readonly identity: CallIdentity
  readonly keys: readonly string[]
  readonly settle: Settle
}

/**
 * Like `mutate` with `contended`, for what very many want at once: calls that would wait for each other are done
 * together in one transaction, so that its round trips and its flush to disk are paid once for all of them. A call
 * that finds nothing to wait for is done at once and alone.
 */
export function createGroupedMutation<Context extends MutationContext, Input>(
  options: GroupedMutationOptions<Context, Input>,
): (context: Context, call: { input: Input; idempotencyKey?: string | null | undefined }) => Promise<MutationOutcome> {
  const queues = new WeakMap<Connection, GroupQueue<Context, Input>>()
  return async (context, { input, idempotencyKey }) => {
    const identity = identifyCall(context.caller, { name: options.name, input, idempotencyKey })
    const queue = queues.get(context.connection) ?? createGroupQueue(options)
    queues.set(context.connection, queue)
    // A repeated call shares its key with the first, so that it comes after it and finds its answer.
    const keys = [...options.keysOf(input), ...(identity.key === null ? [] : [identity.key])]
    return new Promise((resolve, reject) => {
      queue.add({ context, input, identity, keys, settle: { resolve, reject } })
    })
  }
}

interface GroupQueue<Context, Input> {
  add(call: Waiting<Context, Input>): void
}

function createGroupQueue<Context extends MutationContext, Input>(
  options: GroupedMutationOptions<Context, Input>,
): GroupQueue<Context, Input> {
  let waiting: Waiting<Context, Input>[] = []
  const busy = new Set<string>()
  let running = 0

  /** The calls that can be done now, in the order of arrival; one that must wait holds back what comes after it. */
  const next = (): Waiting<Context, Input>[] => {
    const group: Waiting<Context, Input>[] = []
    const held = new Set(busy)
    const identities = new Set<string>()
    const rest: Waiting<Context, Input>[] = []
    let keys = 0
    for (const call of waiting) {
      const { key } = call.identity
      const repeated = key !== null && identities.has(key)
      const room =
        group.length < options.mostCalls && (group.length === 0 || keys + call.keys.length <= options.mostKeys)
      if (room && !repeated && !call.keys.some((each) => held.has(each))) {
        group.push(call)
        keys += call.keys.length
        if (key !== null) identities.add(key)
      } else {
        for (const each of call.keys) held.add(each)
        rest.push(call)
      }
    }
    waiting = rest
    return group
  }
  const pump = (): void => {
    while (running < options.mostGroups && waiting.length > 0) {
      const group = next()
      if (group.length === 0) return
      const keys = new Set(group.flatMap((call) => call.keys))
      for (const key of keys) busy.add(key)
      running += 1
      void runGroup(options, group).finally(() => {
        for (const key of keys) busy.delete(key)
        running -= 1
        pump()
      })
    }
  }
  return {
    add(call) {
      waiting.push(call)
      pump()
    },
  }
}

/** Settles every call of a group; never fails itself. */
async function runGroup<Context extends MutationContext, Input>(
  options: GroupedMutationOptions<Context, Input>,
  group: readonly Waiting<Context, Input>[],
): Promise<void> {
  try {
    const outcomes = await takeTurns(
      group.flatMap(({ keys }) => keys),
      () => transact(options, group),
    )
    for (const [index, { settle, identity }] of group.entries()) settleBy(settle, identity, outcomes[index])
  } catch (error) {
    const [only] = group
    if (group.length === 1 && only !== undefined) await settleFailed(only, error)
    // One call's failure must not be that of the others: each is tried by itself.
    else for (const call of group) await runGroup(options, [call])
  }
}

type Answer = MutationOutcome | { readonly earlier: Parameters<typeof sameAnswer>[0] }

function settleBy(settle: Settle, identity: CallIdentity, answer?: Answer): void {
  try {
    if (answer === undefined) throw new Error('a grouped mutation left a call without an answer')
    settle.resolve('earlier' in answer ? sameAnswer(answer.earlier, identity) : answer)
  } catch (error) {
    settle.reject(error)
  }
}

/** Does what is not answered yet of a group in one transaction, and remembers the answers in it. */
async function transact<Context extends MutationContext, Input>(
  options: GroupedMutationOptions<Context, Input>,
  group: readonly Waiting<Context, Input>[],
): Promise<readonly Answer[]> {
  const { connection, now } = (group[0] as Waiting<Context, Input>).context
  const records = createIdempotencyRecords(connection, now)
  const session = await connection.startSession()
  try {
    return await session.withTransaction(async () => {
      const earlier = await records.find(
        group.map(({ identity }) => identity),
        session,
      )
      const answers = new Map<Waiting<Context, Input>, Answer>()
      for (const call of group) {
        const record = earlier.get(call.identity.key ?? '')
        if (record !== undefined) answers.set(call, { earlier: record })
      }
      const fresh = group.filter((call) => !answers.has(call))
      if (fresh.length > 0) {
        const notes = openAudit(session)
        const outcomes = await options.work(fresh, session)
        const done = fresh.map((call, index) => ({ call, outcome: outcomes[index] as MutationOutcome }))
        await records.remember(
          done.map(({ call, outcome }) => ({ call: call.identity, outcome })),
          session,
        )
        const entries = done.map(({ call: { context, input }, outcome: { id, userErrors } }) =>
          auditOfMutation(context, {
            name: options.name,
            input,
            id,
            notes,
            shared: true,
            codes: userErrors.map(({ code }) => code),
          }),
        )
        await writeAudit(connection, entries, session)
        for (const { call, outcome } of done) answers.set(call, outcome)
      }
      return group.map((call) => answers.get(call) as Answer)
    })
  } finally {
    await session.endSession()
  }
}

/** Another process may have answered the same key meanwhile: then its answer is the answer. */
async function settleFailed<Context extends MutationContext, Input>(
  { context, identity, settle }: Waiting<Context, Input>,
  error: unknown,
): Promise<void> {
  try {
    const found =
      identity.key !== null && isAnsweredKey(error)
        ? (await createIdempotencyRecords(context.connection, context.now).find([identity])).get(identity.key)
        : undefined
    if (found === undefined) settle.reject(error)
    else settle.resolve(sameAnswer(found, identity))
  } catch (cause) {
    settle.reject(cause)
  }
}
