import { EventEmitter, on } from 'node:events'
import DataLoader from 'dataloader'

/** @typedef {{ id: string, organizationId: string, points: number }} Account */
/** @typedef {import('./gateway-signature.js').Caller} Caller */

const awarded = 'awarded'

/**
 * The accounts, in memory; put your database here. Every read takes the caller and narrows to its organization, so that
 * no resolver can forget it.
 * @param {readonly Account[]} seeds
 * @param {import('./outbox.js').Outbox} outbox
 */
export function createAccounts(seeds, outbox) {
  const accounts = new Map(seeds.map((account) => [account.id, { ...account }]))
  const events = new EventEmitter().setMaxListeners(0)
  /** @param {Caller} caller */
  const visible = (caller) => [...accounts.values()].filter(visibleTo(caller))

  return {
    /** How often accounts were read, for tests: an entity fetch of many must be one. */
    reads: 0,

    /**
     * Loaders of one request: reads by id of one moment are one read.
     * @param {Caller} caller
     */
    createLoaders(caller) {
      return {
        byId: new DataLoader(async (/** @type {readonly string[]} */ ids) => {
          this.reads += 1
          const found = new Map(visible(caller).map((account) => [account.id, account]))
          return ids.map((id) => found.get(id) ?? null)
        }),
        byOrganization: new DataLoader(async (/** @type {readonly string[]} */ ids) => {
          this.reads += 1
          const found = new Map(visible(caller).map((account) => [account.organizationId, account]))
          return ids.map((id) => found.get(id) ?? null)
        }),
      }
    },

    /**
     * A page by id.
     * @param {Caller} caller
     * @param {{ first: number, after: string | null }} page
     */
    page(caller, { first, after }) {
      const all = visible(caller).toSorted((a, b) => (a.id < b.id ? -1 : 1))
      const rest = after === null ? all : all.filter(({ id }) => id > after)
      return {
        nodes: rest.slice(0, first),
        hasNextPage: rest.length > first,
        hasPreviousPage: rest.length < all.length,
      }
    },

    /**
     * Gives points and tells those who listen; null when the caller has no such account.
     * @param {Caller} caller
     * @param {{ accountId: string, points: number }} award
     */
    award(caller, { accountId, points }) {
      const account = visible(caller).find(({ id }) => id === accountId)
      if (account === undefined) return null
      account.points += points
      events.emit(awarded, { ...account })
      outbox.add({
        type: 'loyalty.points_awarded',
        subject: account.id,
        organizations: [account.organizationId],
        data: { organizationId: account.organizationId, points },
      })
      return account
    },

    /**
     * Accounts of the caller as they are given points, until the signal.
     * @param {Caller} caller
     * @param {AbortSignal} signal
     */
    async *awarded(caller, signal) {
      const isVisible = visibleTo(caller)
      for await (const [account] of on(events, awarded, { signal })) if (isVisible(account)) yield account
    },
  }
}

/**
 * @param {Caller} caller
 * @returns {(account: Account) => boolean}
 */
function visibleTo(caller) {
  return (account) => caller.operator || account.organizationId === caller.organizationId
}

/** @typedef {ReturnType<typeof createAccounts>} Accounts */
