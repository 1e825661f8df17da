/** Every scope of the graph, with what it allows in words that a consent page can show. */
export const scopes = {
  'partner:read': 'Read your organization, its tier, members and territories',
  'partner:write': 'Change your organization, its members and invitations',
  'partner:decide': 'Decide applications, tiers and suspensions (platform operator)',
  'apps:read': "Read your organization's apps",
  'apps:write': "Register and change your organization's apps and their keys",
  'catalog:read': 'Read products and SKUs',
  'catalog:write': 'Change products, SKUs and entitlements (platform operator)',
  'listings:write': 'List your apps, install apps of others and review them',
  'pricing:read': 'Read your prices and price lists',
  'pricing:write': 'Change price lists and prices (platform operator)',
  'deals:read': "Read your organization's deal registrations, leads and opportunities",
  'deals:write': 'Register and work on deals in the name of your organization',
  'deals:decide': 'Approve, reject and return deal registrations and assign leads (platform operator)',
  'inventory:read': 'Read stock by location and follow its changes',
  'inventory:reserve': 'Reserve stock in the name of your organization',
  'inventory:write': 'Adjust stock (platform operator and stock feeds)',
  'billing:read': 'Read plans, usage, invoices and commissions',
  'billing:write': "Change the plans of your organization's apps",
  'billing:manage': 'Change plans, rules, invoices, commissions and payouts (platform operator)',
  'webhooks:read': "Read your organization's webhook endpoints and what was delivered to them",
  'webhooks:write': 'Make and change webhook endpoints, replay events and rotate their secrets',
  'bulk:write': 'Import in bulk what your other permissions let you change',
  'schemas:read': 'Read published subgraphs, supergraphs and what checks say of them (platform operator)',
  'schemas:write': 'Publish, roll back and retire subgraphs (platform operator)',
} as const

export type Scope = keyof typeof scopes

/** What a partner's tier gives to all of its apps; no app can ask for it. Operators have all of it. */
export const tierScopes = {
  'inventory:quantities': 'See how many units there are, not only whether there are any',
} as const

/** Held by gateways alone; never granted to an app, so not part of `scopes`. */
export const systemScopes = [
  'system:identity',
  'system:schemas',
  'system:usage',
  'system:sign-up',
  'system:events',
] as const

const shippedPrefixes: ReadonlySet<string> = new Set(
  [...Object.keys(scopes), ...Object.keys(tierScopes), ...systemScopes].map(prefixOf),
)

/** What stands before the colon of a scope: for a published subgraph's, its name. */
export function prefixOf(scope: string): string {
  return scope.slice(0, Math.max(0, scope.indexOf(':')))
}

/** Whether scopes with this prefix come with the product, so that no published subgraph may declare one. */
export function isShippedPrefix(prefix: string): boolean {
  return shippedPrefixes.has(prefix)
}
