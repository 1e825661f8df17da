import { createHash } from 'node:crypto'
import type { ClientSession, Connection, mongo } from 'mongoose'
import type { Caller } from '../kit/caller.ts'
import { CodedError } from '../kit/errors.ts'

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

/** A call as its key identifies it; `key` is null where its sender gave none. */
export interface CallIdentity {
  readonly key: string | null
  readonly bodyHash: string
}

interface IdempotencyRecord {
  readonly _id: string
  readonly bodyHash: string
  readonly outcome: MutationOutcome
  readonly createdAt: Date
}

const collectionName = 'idempotency_keys'
const keptSeconds = 7 * 24 * 60 * 60

/** Creates the collection of answered idempotency keys; they are forgotten after seven days. */
export async function prepareIdempotency(connection: Connection): Promise<void> {
  await connection.collection(collectionName).createIndex({ createdAt: 1 }, { expireAfterSeconds: keptSeconds })
}

/** What tells a repeated call from a new one: the app, the mutation and the key, and a hash of the input. */
export function identifyCall(
  caller: Caller,
  call: { readonly name: string; readonly input: unknown; readonly idempotencyKey?: string | null | undefined },
): CallIdentity {
  const { idempotencyKey: given } = call
  // An empty key is refused rather than taken for none: its sender believes to be protected. Half of a surrogate pair
  // is stored as another character, by which the answer would not be found again.
  if (typeof given === 'string' && (given === '' || given.length > 255 || /\p{Surrogate}/u.test(given))) {
    throw new CodedError('BAD_USER_INPUT', 'idempotencyKey must have 1 to 255 characters of well-formed Unicode.', {
      argument: 'idempotencyKey',
    })
  }
  return {
    key: call.idempotencyKey ? `${caller.appId}:${call.name}:${call.idempotencyKey}` : null,
    bodyHash: createHash('sha256').update(canonicalJson(call.input)).digest('base64url'),
  }
}

/** The answers that calls with a key were given. */
export function createIdempotencyRecords(connection: Connection, now: () => Date) {
  const records: mongo.Collection<IdempotencyRecord> = connection.collection<IdempotencyRecord>(collectionName)
  return {
    /** The answers to calls that were made before, by key; see `sameAnswer`. */
    async find(
      calls: readonly CallIdentity[],
      session?: ClientSession,
    ): Promise<ReadonlyMap<string, IdempotencyRecord>> {
      const keys = calls.flatMap(({ key }) => key ?? [])
      if (keys.length === 0) return new Map()
      const found = await records.find({ _id: { $in: keys } }, session ? { session } : {}).toArray()
      return new Map(found.map((record) => [record._id, record]))
    },
    /** Records answers; a call without a key is not remembered. */
    async remember(
      answers: readonly { readonly call: CallIdentity; readonly outcome: MutationOutcome }[],
      session?: ClientSession,
    ): Promise<void> {
      const createdAt = now()
      const fresh = answers.flatMap(({ call: { key, bodyHash }, outcome }) =>
        key === null ? [] : [{ _id: key, bodyHash, outcome, createdAt }],
      )
      if (fresh.length > 0) await records.insertMany(fresh, session ? { session } : {})
    },
  }
}

/** The answer of a record to a call with its key; throws when that call asks for something else. */
export function sameAnswer(record: IdempotencyRecord, { bodyHash }: CallIdentity): MutationOutcome {
  if (record.bodyHash === bodyHash) return record.outcome
  throw new CodedError('BAD_USER_INPUT', 'This idempotencyKey was used before with another input; use a new key.', {
    argument: 'idempotencyKey',
  })
}

/** True when another call with the same key has committed first. */
export function isAnsweredKey(error: unknown): boolean {
  return isDuplicateKey(error, collectionName)
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
