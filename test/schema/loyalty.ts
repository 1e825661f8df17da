/** The SDL of a subgraph of another team: an extension of Organization and an entity of its own. */
export function loyaltySdl({
  field = 'loyaltyPoints',
  key = 'id',
}: { readonly field?: string; readonly key?: string } = {}): string {
  return `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@authenticated"])

"A partner."
type Organization @key(fields: "${key}") @authenticated {
  "What it is known by."
  ${key}: ID!
  "What it has earned."
  ${field}: Int
}
`
}
