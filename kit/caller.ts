import { z } from 'zod'
import { CodedError } from './errors.ts'

const callerSchema = z.strictObject({
  appId: z.string(),
  appName: z.string(),
  organizationId: z.string(),
  environment: z.enum(['live', 'sandbox']),
  planId: z.string(),
  scopes: z.array(z.string()),
  operator: z.boolean(),
  credentialId: z.string(),
  endUserId: z.string().optional(),
})

/**
 * Who calls: one frozen object that reaches resolvers unchanged, in process or over a signed header.
 * `operator` is the platform company itself, for which tenancy does not narrow what is read.
 * `scopes` is sorted and without duplicates.
 */
export type Caller = Readonly<
  Omit<z.infer<typeof callerSchema>, 'scopes' | 'endUserId'> & { scopes: readonly string[]; endUserId?: string }
>

/** Freezes a caller; scopes are sorted so that equal callers have equal policy views. */
export function createCaller(fields: Caller): Caller {
  return Object.freeze({ ...fields, scopes: Object.freeze([...new Set(fields.scopes)].toSorted()) })
}

/** The gateway itself, for the few internal fields that no partner may ever be granted. */
export function systemCaller(scopes: readonly string[]): Caller {
  return createCaller({
    appId: 'system',
    appName: 'Tributary gateway',
    organizationId: 'system',
    environment: 'live',
    planId: 'system',
    scopes,
    operator: true,
    credentialId: 'system',
  })
}

/** Sets of scopes that have a number; beyond, all of them are numbered anew. */
const scopeSetsNumbered = 10_000
const scopeSets = new Map<string, number>()
const scopeSetOf = new WeakMap<Caller, number>()
let scopeSetsSoFar = 0

/** The number of a caller's scopes in this process: the same for callers with the same scopes, so that a key is short. */
export function scopeSet(caller: Caller): number {
  let set = scopeSetOf.get(caller)
  if (set === undefined) {
    const scopes = caller.scopes.join(' ')
    set = scopeSets.get(scopes)
    if (set === undefined) {
      if (scopeSets.size >= scopeSetsNumbered) scopeSets.clear()
      set = ++scopeSetsSoFar
      scopeSets.set(scopes, set)
    }
    scopeSetOf.set(caller, set)
  }
  return set
}

/** Callers are frozen and live for a while, so each is encoded once. */
const encoded = new WeakMap<Caller, string>()

/** The header form of a caller: base64url of its JSON. */
export function encodeCaller(caller: Caller): string {
  let header = encoded.get(caller)
  if (header === undefined) {
    header = Buffer.from(JSON.stringify(caller), 'utf8').toString('base64url')
    if (Object(caller) === caller && Object.isFrozen(caller)) encoded.set(caller, header)
  }
  return header
}

/** Reads the header form; anything but a complete caller is UNAUTHENTICATED. */
export function decodeCaller(header: string): Caller {
  let fields: unknown
  try {
    fields = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))
  } catch {
    throw new CodedError('UNAUTHENTICATED', 'The caller header is not base64url JSON.')
  }
  const parsed = callerSchema.safeParse(fields)
  if (!parsed.success) throw new CodedError('UNAUTHENTICATED', 'The caller header is incomplete.')
  const { endUserId, ...rest } = parsed.data
  return createCaller(endUserId === undefined ? rest : { ...rest, endUserId })
}

/**
 * The tenancy filter of partner-owned data: a partner reads its own organization's documents only,
 * the operator reads all. Models spread it into every query, so no resolver can forget it.
 */
export function ownedBy(caller: Caller): { organizationId?: string } {
  return caller.operator ? {} : { organizationId: caller.organizationId }
}
