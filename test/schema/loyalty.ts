/**
 * The SDL of a subgraph of another team: an extension of Organization, whose field goes away where a day is given, and
 * asks for a scope, and has a tag, where one is.
 */
export function loyaltySdl({
  field = 'loyaltyPoints',
  key = 'id',
  sunset,
  scope,
  tag,
}: {
  readonly field?: string
  readonly key?: string
  readonly sunset?: string
  readonly scope?: string
  readonly tag?: string
} = {}): string {
  const announcement =
    sunset === undefined
      ? ''
      : `
  @link(url: "https://tributary.dev/specs/sunset/v1.0", import: ["@sunset"])
  @composeDirective(name: "@sunset")

"When it goes away."
directive @sunset(
  "The day."
  date: String!
  "What to use instead."
  replacement: String
  "When it is dark."
  brownouts: [String!]
) on FIELD_DEFINITION | ARGUMENT_DEFINITION`
  const marks = sunset === undefined ? '' : ` @deprecated(reason: "Counted otherwise.") @sunset(date: "${sunset}")`
  const audience = tag === undefined ? '' : ` @tag(name: "${tag}")`
  const rule = scope === undefined ? '' : ` @requiresScopes(scopes: [["${scope}"]])`
  return `extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.12"
    import: ["@key", "@authenticated", "@requiresScopes", "@composeDirective", "@tag"]
  )${announcement}

"A partner."
type Organization @key(fields: "${key}") @authenticated {
  "What it is known by."
  ${key}: ID!
  "What it has earned."
  ${field}: Int${marks}${rule}${audience}
}
`
}
