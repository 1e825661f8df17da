import type { ClientSession } from 'mongoose'
import { CodedError } from '../../kit/errors.ts'
import { type MutationOutcome, type MutationRefused, mutate, refuse } from '../../storage/mutate.ts'
import type { BillingContext } from './billing-context.ts'

interface Call<Input> {
  readonly input: Input
  readonly idempotencyKey?: string | null
}

interface CommandOptions<Input> {
  /** True for what a partner may never do, whatever scopes its app has. */
  readonly operatorOnly?: true
  /** Ids of what many may want to change at once. */
  readonly contended?: (input: Input) => readonly string[]
}

/** A mutation's resolver: its work in one transaction, then its payload read anew, so that a repeat answers alike. */
export function command<Input, Payload>(
  name: string,
  work: (context: BillingContext, input: Input, session: ClientSession) => Promise<string>,
  payload: (outcome: MutationOutcome, context: BillingContext) => Payload,
  { operatorOnly, contended }: CommandOptions<Input> = {},
): (parent: unknown, call: Call<Input>, context: BillingContext) => Promise<Payload> {
  return async (_parent, { input, idempotencyKey }, context) => {
    if (operatorOnly && !context.caller.operator) {
      throw new CodedError('FORBIDDEN', `Only the platform operator may call ${name}.`)
    }
    const call = { name, input, idempotencyKey, contended: contended?.(input) ?? [] }
    return payload(await mutate(context, call, (session) => work(context, input, session)), context)
  }
}

/** Refuses a change of another version than the caller has seen. */
export function checkVersion(entity: string, version: number, expected: number | null | undefined): void {
  if (expected === null || expected === undefined || expected === version) return
  const message = `The ${entity} has version ${version} by now, not ${expected}; read it again.`
  throw refuse('STALE_VERSION', ['input', 'expectedVersion'], message)
}

/** The refusal for an id that does not exist or is not the caller's. */
export function notFound(entity: string, field = 'id'): MutationRefused {
  return refuse('NOT_FOUND', ['input', field], `There is no such ${entity}; check the id.`)
}

/** A trimmed text of a bounded length; null when it was left out. */
export function checkText(field: string, value: string | null | undefined, longest: number): string | null {
  const text = value?.trim() ?? ''
  if (text === '') return null
  if (text.length > longest) {
    throw refuse('INVALID_TEXT', ['input', field], `\`${field}\` has at most ${longest} characters.`)
  }
  return text
}
