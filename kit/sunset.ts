import { type ConstDirectiveNode, type ConstValueNode, Kind, parse } from 'graphql'

/** A time in which a coordinate that is going away answers an error, so that whoever still uses it notices. */
export interface Brownout {
  readonly from: Date
  readonly to: Date
}

/** That something of the graph goes away, as `@deprecated` and `@sunset` say. */
export interface Deprecation {
  /** Why, and what to do instead, for people; null when nothing is said. */
  readonly reason: string | null
  /** The first day (UTC) on which it may be gone, as `2027-03-01`; null when no date is set. */
  readonly sunset: string | null
  /** The coordinate to use instead, for example `Query.products`. */
  readonly replacement: string | null
  readonly brownouts: readonly Brownout[]
}

interface Element {
  readonly directives?: readonly ConstDirectiveNode[] | undefined
}

const dayPattern = /^\d{4}-\d{2}-\d{2}$/
const dayMs = 24 * 60 * 60 * 1_000
/** Answers repeat it, so that it must not be a novel. */
const mostOfReason = 500
/** A brownout is a notice and no removal: longer ones are not believed. */
export const longestBrownoutMs = dayMs

/** What a field or argument says of its end; null when it says nothing. What is malformed counts as not said. */
export function deprecationOf(element: Element | null | undefined): Deprecation | null {
  const deprecated = argumentsOf(element, 'deprecated')
  const sunset = argumentsOf(element, 'sunset')
  if (deprecated === null && sunset === null) return null
  const date = textOf(sunset?.get('date'))
  return {
    reason: textOf(deprecated?.get('reason'))?.slice(0, mostOfReason) ?? null,
    sunset: date !== null && isDay(date) ? date : null,
    replacement: textOf(sunset?.get('replacement'))?.slice(0, mostOfReason) ?? null,
    brownouts: textsOf(sunset?.get('brownouts')).flatMap((text) => readBrownout(text) ?? []),
  }
}

/** What a supergraph says of the end of `Type.field` or `Type.field.argument`; null when it says nothing. */
export function deprecationAt(supergraphSdl: string, coordinate: string): Deprecation | null {
  const [typeName, fieldName, argumentName] = coordinate.split('.')
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
    if (definition.name.value !== typeName) continue
    const field = definition.fields?.find(({ name }) => name.value === fieldName)
    if (argumentName === undefined) return deprecationOf(field)
    return deprecationOf(field?.arguments?.find(({ name }) => name.value === argumentName))
  }
  return null
}

/** What is wrong with what an element says of its end, in sentences for its author. */
export function sunsetProblems(element: Element): readonly string[] {
  const sunset = argumentsOf(element, 'sunset')
  if (sunset === null) return []
  const date = textOf(sunset.get('date')) ?? ''
  const brownouts = textsOf(sunset.get('brownouts')).filter((text) => readBrownout(text) === null)
  return [
    ...(argumentsOf(element, 'deprecated') ? [] : ['has a @sunset without @deprecated, which clients are shown.']),
    ...(isDay(date) ? [] : [`has a @sunset with the date "${date}": write a day as 2027-03-01.`]),
    ...brownouts.map(
      (text) => `has the brownout "${text}": write 2027-02-01T09:00Z/2027-02-01T10:00Z, at most a day long.`,
    ),
  ]
}

function isDay(text: string): boolean {
  return dayPattern.test(text) && !Number.isNaN(Date.parse(text))
}

/** An interval of ISO 8601, `from/to`, in UTC. */
function readBrownout(text: string): Brownout | null {
  const [from, to, ...rest] = text.split('/').map((part) => (part.endsWith('Z') ? Date.parse(part) : Number.NaN))
  if (from === undefined || to === undefined || rest.length > 0) return null
  return to > from && to - from <= longestBrownoutMs ? { from: new Date(from), to: new Date(to) } : null
}

function argumentsOf(element: Element | null | undefined, name: string): ReadonlyMap<string, ConstValueNode> | null {
  const directive = element?.directives?.find((one) => one.name.value === name)
  return directive ? new Map((directive.arguments ?? []).map((given) => [given.name.value, given.value])) : null
}

function textOf(value: ConstValueNode | undefined): string | null {
  return value?.kind === Kind.STRING ? value.value : null
}

function textsOf(value: ConstValueNode | undefined): readonly string[] {
  return value?.kind === Kind.LIST ? value.values.flatMap((item) => textOf(item) ?? []) : []
}

/** What came of the wish to remove something of the graph. */
export type RemovalVerdict =
  | { readonly allowed: true; readonly because: 'UNUSED' | 'OVERRIDDEN' }
  | {
      readonly allowed: false
      readonly because: 'IN_USE' | 'NO_NOTICE'
      readonly message: string
      readonly hint: string
    }

/**
 * Whether something may be removed: what nobody has used, always; what is used, only after the notice that its `@sunset`
 * gave is over, and only by an explicit override, which whoever calls this must audit.
 */
export function judgeRemoval(wish: {
  readonly coordinate: string
  /** As it is served now. */
  readonly deprecation: Deprecation | null
  /** Whether it was used in the days that count. */
  readonly used: boolean
  readonly usageDays: number
  /** Whether somebody has said that it must go all the same. */
  readonly overridden: boolean
  readonly now: Date
}): RemovalVerdict {
  const { coordinate, deprecation, used, usageDays, overridden, now } = wish
  if (!used) return { allowed: true, because: 'UNUSED' }
  const sunset = deprecation?.sunset ?? null
  const inUse = `${coordinate} was used in the last ${usageDays} days`
  if (sunset === null || now.getTime() < Date.parse(sunset)) {
    const message = sunset === null ? `${inUse}, and no date was announced.` : `${inUse}, and its sunset is ${sunset}.`
    const hint = 'Announce it with @deprecated and @sunset(date:), and remove it when that day has come.'
    return { allowed: false, because: 'NO_NOTICE', message, hint }
  }
  if (overridden) return { allowed: true, because: 'OVERRIDDEN' }
  const hint = 'Talk to those who use it, or set brownouts; the notice is over, so an explicit override removes it.'
  return { allowed: false, because: 'IN_USE', message: `${inUse}, though its sunset was ${sunset}.`, hint }
}
