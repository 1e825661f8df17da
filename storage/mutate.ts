import type { ClientSession, Connection } from 'mongoose'
import type { Caller } from '../kit/caller.ts'
import { auditOfMutation, openAudit, prepareAudit, writeAudit } from './audit.ts'
import {
  type MutationOutcome,
  type UserError,
  createIdempotencyRecords,
  identifyCall,
  isAnsweredKey,
  isDuplicateKey,
  prepareIdempotency,
  sameAnswer,
} from './idempotency.ts'
import { createKeyQueue } from './key-queue.ts'

export { isDuplicateKey }

export type { MutationOutcome, UserError } from './idempotency.ts'

/** A refusal that rolls the transaction back; its user errors become the outcome. */
export class MutationRefused extends Error {
  readonly userErrors: readonly UserError[]

  constructor(userErrors: readonly UserError[]) {
    super(userErrors.map(({ code }) => code).join(', '))
    this.name = 'MutationRefused'
    this.userErrors = userErrors
  }
}

/** Shorthand for the most common refusal: one error about one field. */
export function refuse(code: string, field: readonly string[] | null, message: string): MutationRefused {
  return new MutationRefused([{ code, field, message }])
}

/** Creates the collections of answered idempotency keys, which are forgotten after seven days, and of the audit log. */
export async function prepareMutations(connection: Connection): Promise<void> {
  await prepareIdempotency(connection)
  await prepareAudit(connection)
}

/** Of all mutations of this process: documents are the same whichever connection they are changed over. */
const queue = createKeyQueue()

/** Runs work that shares a key with mutations of this process in turn with them; see `MutationCall.contended`. */
export const takeTurns: typeof queue.run = (keys, work) => queue.run(keys, work)

/** In whose name a mutation runs. */
export interface MutationContext {
  readonly connection: Connection
  readonly caller: Caller
  readonly requestId?: string
  readonly now: () => Date
}

/** What a client has called, as `mutate` needs it. */
export interface MutationCall {
  readonly name: string
  readonly input: unknown
  readonly idempotencyKey?: string | null | undefined
  /** Ids of what many may want to change at once: such calls of this process queue instead of conflicting. */
  readonly contended?: readonly string[]
}

/**
 * Runs a mutation in one transaction: its documents, its events, its entry in the audit log and its idempotency record
 * are committed together.
 * The same key of the same app with the same input gives the first answer again without a second effect; with
 * another input it is refused. `work` may be run more than once when transactions conflict.
 */
export async function mutate(
  context: MutationContext,
  call: MutationCall,
  work: (session: ClientSession) => Promise<string>,
): Promise<MutationOutcome> {
  const records = createIdempotencyRecords(context.connection, context.now)
  const identity = identifyCall(context.caller, call)
  const answered = async (): Promise<MutationOutcome | null> => {
    const record = identity.key === null ? undefined : (await records.find([identity])).get(identity.key)
    return record === undefined ? null : sameAnswer(record, identity)
  }

  const before = await answered()
  if (before) return before
  const session = await context.connection.startSession()
  try {
    return await queue.run(call.contended ?? [], () =>
      session.withTransaction(async () => {
        const notes = openAudit(session)
        const outcome: MutationOutcome = { id: await work(session), userErrors: [] }
        const entry = auditOfMutation(context, { ...call, id: outcome.id, codes: [], notes })
        await writeAudit(context.connection, [entry], session)
        await records.remember([{ call: identity, outcome }], session)
        return outcome
      }),
    )
  } catch (error) {
    // Two calls with one key raced: the other one has committed, so its answer is the answer.
    if (isAnsweredKey(error)) {
      const winner = await answered()
      if (winner) return winner
    }
    if (!(error instanceof MutationRefused)) throw error
    const outcome: MutationOutcome = { id: null, userErrors: error.userErrors }
    const codes = error.userErrors.map(({ code }) => code)
    await writeAudit(context.connection, [auditOfMutation(context, { ...call, id: null, codes, notes: null })])
    await records.remember([{ call: identity, outcome }]).catch((cause: unknown) => {
      if (!isAnsweredKey(cause)) throw cause
    })
    return (await answered()) ?? outcome
  } finally {
    await session.endSession()
  }
}
