/** @typedef {import('./accounts.js').Account} Account */
/**
 * What a resolver gets; a new one per request, so that loaders never outlive what they hold.
 * @typedef {{ caller: import('./gateway-signature.js').Caller, accounts: import('./accounts.js').Accounts,
 *   loaders: ReturnType<import('./accounts.js').Accounts['createLoaders']>, signal: AbortSignal }} Context
 */

export const resolvers = {
  Query: {
    loyaltyAccount: (/** @type {unknown} */ _, /** @type {{ id: string }} */ { id }, /** @type {Context} */ context) =>
      context.loaders.byId.load(id),
    loyaltyAccounts: (
      /** @type {unknown} */ _,
      /** @type {{ first?: number | null, after?: string | null }} */ { first, after },
      /** @type {Context} */ { accounts, caller },
    ) => connection(accounts.page(caller, { first: Math.min(Math.max(first ?? 25, 1), 250), after: after ?? null })),
  },

  Mutation: {
    awardLoyaltyPoints: (
      /** @type {unknown} */ _,
      /** @type {{ input: { accountId: string, points: number } }} */ { input },
      /** @type {Context} */ { accounts, caller },
    ) => {
      if (input.points < 1 || input.points > 10_000) {
        return refusal('INVALID_POINTS', ['input', 'points'], 'Give 1 to 10,000 points.')
      }
      const account = accounts.award(caller, input)
      if (account === null) return refusal('NOT_FOUND', ['input', 'accountId'], 'There is no such account.')
      return { loyaltyAccount: account, userErrors: [] }
    },
  },

  Subscription: {
    loyaltyPointsAwarded: {
      subscribe: (/** @type {unknown} */ _, /** @type {object} */ _args, /** @type {Context} */ context) =>
        context.accounts.awarded(context.caller, context.signal),
      resolve: (/** @type {Account} */ account) => account,
    },
  },

  LoyaltyAccount: {
    __resolveReference: (/** @type {{ id: string }} */ { id }, /** @type {Context} */ context) =>
      context.loaders.byId.load(id),
    organization: (/** @type {Account} */ { organizationId }) => ({ id: organizationId }),
    level: (/** @type {Account} */ { points }) => (points >= 1_000 ? 'PLUS' : 'BASIC'),
  },

  Organization: {
    loyalty: (/** @type {{ id: string }} */ { id }, /** @type {object} */ _args, /** @type {Context} */ context) =>
      context.loaders.byOrganization.load(id),
  },
}

/**
 * @param {string} code
 * @param {readonly string[]} field
 * @param {string} message
 */
function refusal(code, field, message) {
  return { loyaltyAccount: null, userErrors: [{ code, field, message }] }
}

/** @param {{ nodes: readonly Account[], hasNextPage: boolean, hasPreviousPage: boolean }} page */
function connection({ nodes, ...more }) {
  const pageInfo = { ...more, startCursor: nodes.at(0)?.id ?? null, endCursor: nodes.at(-1)?.id ?? null }
  return { nodes, edges: nodes.map((node) => ({ node, cursor: node.id })), pageInfo }
}
