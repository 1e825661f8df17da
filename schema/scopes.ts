/** Every scope of the graph, with what it allows in words that a consent page can show. */
export const scopes = {
  'partner:read': 'Read your organization, its tier, members and territories',
  'apps:read': "Read your organization's apps",
  'catalog:read': 'Read products and SKUs',
  'pricing:read': 'Read your prices and price lists',
  'deals:read': "Read your organization's deal registrations",
  'deals:write': 'Register deals in the name of your organization',
  'deals:decide': 'Approve, reject and return deal registrations (platform operator)',
  'inventory:read': 'Read stock by location and follow its changes',
  'inventory:write': 'Adjust stock (platform operator and stock feeds)',
  'billing:read': 'Read plans, usage, invoices and commissions',
} as const

export type Scope = keyof typeof scopes

/** Held by gateways alone; never granted to an app, so not part of `scopes`. */
export const systemScopes = ['system:identity', 'system:usage'] as const
