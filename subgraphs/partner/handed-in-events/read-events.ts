import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { EventValue } from '../../../kit/events.ts'

/** Why events were not recorded; see `HandInFault` in the SDL. */
export interface HandInFault {
  readonly code: HandInCode
  readonly message: string
  /** From 0; null where the whole body is at fault. */
  readonly event: number | null
  readonly field: string | null
}

export type HandInCode =
  | 'INVALID_BODY'
  | 'INVALID_EVENT'
  | 'EVENT_TOO_LARGE'
  | 'TYPE_NOT_DECLARED'
  | 'ORGANIZATION_UNKNOWN'
  | 'EVENT_ID_REUSED'

/** An event as a subgraph hands it in, read. */
export interface GivenEvent {
  readonly id: string
  readonly type: string
  readonly subject: string
  readonly time: Date
  /** Empty for every organization. */
  readonly organizations: readonly string[]
  readonly data: Readonly<Record<string, EventValue>>
}

const mostEvents = 100
const mostOrganizations = 500
/** Bytes of JSON: a webhook's message is smaller than 20 kB, with what a selection answers. */
const largestData = 8_000
const oldestMs = 72 * 60 * 60_000
/** How far the clocks of two machines may be apart. */
const newestMs = 5 * 60_000

const line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'has characters that are not seen')
/**
 * `graph` is where a webhook's message has what its selection answers; the others mean something to whoever copies an
 * object in JavaScript, as what stores a delivery does.
 */
const dataName = z
  .string()
  .regex(/^(?!(?:graph|constructor|prototype)$)[a-zA-Z][a-zA-Z\d_]{0,63}$/, 'is no name, or a reserved one')
// What would be told otherwise than it was handed in: half a character, and digits beyond what a number holds.
const dataText = z.string().regex(/^\P{Cs}*$/u, 'has half a surrogate pair')
const dataNumber = z
  .number()
  .refine(
    (value) => !Number.isInteger(value) || Number.isSafeInteger(value),
    'has too many digits: hand it in as a text',
  )
const dataValue = z.union([dataText, dataNumber, z.boolean(), z.null(), z.array(dataText).readonly()], {
  error: 'must be a text, a number, true, false, null or a list of texts',
})
/** A record leaves this name out in silence, and then the event would be another one than was signed. */
const noPrototype = z
  .unknown()
  .refine((data) => !isObject(data) || !Object.hasOwn(data, '__proto__'), '__proto__ is no name')
const eventSchema = z.strictObject({
  specversion: z.literal('1.0').optional(),
  datacontenttype: z.literal('application/json').optional(),
  source: z.string().optional(),
  id: line,
  type: line,
  subject: line,
  time: z.iso.datetime({ offset: true }),
  organizations: z.union([z.literal('EVERY'), z.array(line).min(1).max(mostOrganizations)], {
    error: `must be a list of 1 to ${mostOrganizations} ids, or "EVERY" for an event that all partners may learn of`,
  }),
  data: noPrototype.pipe(z.record(dataName, dataValue)),
})
const bodySchema = z.strictObject({ events: z.array(z.unknown()).min(1).max(mostEvents) })

/** The events of a body that a subgraph has handed in, or what is wrong with them. */
export function readGivenEvents(
  body: string,
  { subgraph, now }: { readonly subgraph: string; readonly now: Date },
): { readonly events: readonly GivenEvent[]; readonly faults: readonly HandInFault[] } {
  const parsed = bodySchema.safeParse(readJson(body))
  if (!parsed.success) {
    const message = `The body must be JSON in UTF-8: { "events": [ … ] } with 1 to ${mostEvents} events.`
    return { events: [], faults: [{ code: 'INVALID_BODY', message, event: null, field: null }] }
  }
  const events: GivenEvent[] = []
  const faults: HandInFault[] = []
  const seen = new Set<string>()
  for (const [index, given] of parsed.data.events.entries()) {
    const read = eventSchema.safeParse(given)
    const fault = (field: string, message: string, code: HandInCode = 'INVALID_EVENT'): void => {
      faults.push({ code, message, event: index, field })
    }
    if (!read.success) {
      const [issue] = read.error.issues
      const field =
        issue?.path.join('.') || (issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined) || 'event'
      const why = (issue?.code === 'invalid_key' ? issue.issues[0] : issue)?.message
      fault(field.slice(0, 100), `${field.slice(0, 100)}: ${why ?? 'is not as events are'}`)
      continue
    }
    const { id, time, organizations, source, data, type, subject } = read.data
    const at = new Date(time)
    if (seen.has(id)) fault('id', `The id ${id} comes twice.`)
    if (source !== undefined && source !== `/${subgraph}`) {
      fault('source', `The source of what ${subgraph} hands in is /${subgraph}; it may be left out.`)
    }
    if (at.getTime() > now.getTime() + newestMs || at.getTime() < now.getTime() - oldestMs) {
      fault('time', 'The time must be within the last 72 hours, and at most five minutes ahead.')
    }
    const bytes = Buffer.byteLength(JSON.stringify(data))
    if (bytes > largestData) {
      const message = `The data has ${bytes} bytes of JSON, and at most ${largestData} are taken: hand in ids, and let readers ask the graph.`
      fault('data', message, 'EVENT_TOO_LARGE')
    }
    seen.add(id)
    const audience = organizations === 'EVERY' ? [] : [...new Set(organizations)]
    events.push({ id, type, subject, time: at, organizations: audience, data })
  }
  return { events, faults }
}

/** The id of an event in the log: nobody else's, whatever ids others choose. */
export function eventIdOf(subgraph: string, id: string): string {
  const hash = createHash('sha256').update(`${subgraph}\n${id}`).digest('hex')
  return `evt_${hash.slice(0, 32)}`
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
