import { createHash } from 'node:crypto'
import type { ClientSession, Connection } from 'mongoose'
import type { Caller } from '../kit/caller.ts'
import { CodedError } from '../kit/errors.ts'
import { createKeyQueue } from './key-queue.ts'

/** Why a mutation did not do what was asked; part of every payload. */
export interface UserError {
  readonly code: string
  readonly field: readonly string[] | null
  readonly message: string
}

/** The outcome of a mutation: the id of the entity it made or changed, or why it did not. */
export interface MutationOutcome {
  readonly id: string | null
  readonly userErrors: readonly UserError[]
}

interface IdempotencyRecord {
  readonly _id: string
  readonly bodyHash: string
  readonly outcome: MutationOutcome
  readonly createdAt: Date
}

const collectionName = 'idempotency_keys'
const keptSeconds = 7 * 24 * 60 * 60

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

/** Creates the collection of answered idempotency keys; they are forgotten after seven days. */
export async function prepareMutations(connection: Connection): Promise<void> {
  await connection.collection(collectionName).createIndex({ createdAt: 1 }, { expireAfterSeconds: keptSeconds })
}

/** Of all mutations of this process: documents are the same whichever connection they are changed over. */
const queue = createKeyQueue()

/** What a client has called, as `mutate` needs it. */
export interface MutationCall {
  readonly name: string
  readonly input: unknown
  readonly idempotencyKey?: string | null | undefined
  /** Ids of what many may want to change at once: such calls of this process queue instead of conflicting. */
  readonly contended?: readonly string[]
}

/**
 * Runs a mutation in one transaction: its documents, its events and its idempotency record are committed together.
 * The same key of the same app with the same input gives the first answer again without a second effect; with
 * another input it is refused. `work` may be run more than once when transactions conflict.
 */
export async function mutate(
  context: { readonly connection: Connection; readonly caller: Caller; readonly now: () => Date },
  call: MutationCall,
  work: (session: ClientSession) => Promise<string>,
): Promise<MutationOutcome> {
  // An empty key is refused rather than taken for none: its sender believes to be protected.
  if (typeof call.idempotencyKey === 'string' && (call.idempotencyKey === '' || call.idempotencyKey.length > 255)) {
    throw new CodedError('BAD_USER_INPUT', 'idempotencyKey must have 1 to 255 characters.', {
      argument: 'idempotencyKey',
    })
  }
  const records = context.connection.collection<IdempotencyRecord>(collectionName)
  const key = call.idempotencyKey ? `${context.caller.appId}:${call.name}:${call.idempotencyKey}` : null
  const bodyHash = createHash('sha256').update(canonicalJson(call.input)).digest('base64url')
  const answered = async (): Promise<MutationOutcome | null> => {
    const record = key === null ? null : await records.findOne({ _id: key })
    if (record === null) return null
    if (record.bodyHash !== bodyHash) {
      throw new CodedError('BAD_USER_INPUT', 'This idempotencyKey was used before with another input; use a new key.', {
        argument: 'idempotencyKey',
      })
    }
    return record.outcome
  }
  const remember = async (outcome: MutationOutcome, session?: ClientSession): Promise<void> => {
    if (key === null) return
    const record = { _id: key, bodyHash, outcome, createdAt: context.now() }
    await records.insertOne(record, session ? { session } : {})
  }

  const before = await answered()
  if (before) return before
  const session = await context.connection.startSession()
  try {
    return await queue.run(call.contended ?? [], () =>
      session.withTransaction(async () => {
        const outcome: MutationOutcome = { id: await work(session), userErrors: [] }
        await remember(outcome, session)
        return outcome
      }),
    )
  } catch (error) {
    // Two calls with one key raced: the other one has committed, so its answer is the answer.
    if (key !== null && isDuplicateKey(error, collectionName)) {
      const winner = await answered()
      if (winner) return winner
    }
    if (!(error instanceof MutationRefused)) throw error
    const outcome: MutationOutcome = { id: null, userErrors: error.userErrors }
    await remember(outcome).catch((cause: unknown) => {
      if (!isDuplicateKey(cause, collectionName)) throw cause
    })
    return (await answered()) ?? outcome
  } finally {
    await session.endSession()
  }
}

/** True for MongoDB's duplicate key error, of one collection where that is named. */
export function isDuplicateKey(error: unknown, collection?: string): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error) || error.code !== 11000) return false
  return collection === undefined || ('message' in error && String(error.message).includes(`.${collection} `))
}

/** JSON with sorted keys, so that an input's hash does not depend on the order in which a client wrote its fields. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) && !(part instanceof Date)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
