// @ts-nocheck -- plain JavaScript, as a partner may well write it
/* oxlint-disable no-console -- an example talks to its reader */
// Keeps a local copy of the stock and prints every change as it happens. Run it with:
//
//   TRIBUTARY_APP=app_… TRIBUTARY_KEY=trb_test_… node examples/inventory-feed.mjs [--until 10]
//
// The stock is read anew with each connection, and once more with its first change, which proves that the subscription
// stands: nothing can have slipped in between. Each level carries a version, so an older one never replaces a newer.
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { GraphQLClient, gql } from 'graphql-request'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

const { TRIBUTARY_URL = 'http://localhost:4000/graphql', TRIBUTARY_APP, TRIBUTARY_KEY } = process.env
const { values: options } = parseArgs({ options: { until: { type: 'string' } } })
const until = Number(options.until ?? Number.POSITIVE_INFINITY)
if (!TRIBUTARY_APP || !TRIBUTARY_KEY || !(until > 0)) {
  console.error('Set TRIBUTARY_APP and TRIBUTARY_KEY; `npm start` prints the demo apps with their keys.')
  console.error('--until N ends after N changes.')
  process.exit(2)
}

const stockPage = gql`
  query StockPage($after: String, $names: Boolean!) {
    inventoryLevels(first: 250, after: $after) {
      nodes {
        id
        available
        version
        sku @include(if: $names) {
          code
          name
        }
        location @include(if: $names) {
          code
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`
const stockChanges = gql`
  subscription StockChanges {
    inventoryChanged {
      reason
      delta
      level {
        id
        available
        version
        sku {
          code
          name
        }
        location {
          code
        }
      }
    }
  }
`

/** The local stock table: level id -> level. */
const stock = new Map()

/** Takes a level unless a newer one is here already: changes and pages may overtake each other. */
function keep(level) {
  const known = stock.get(level.id)
  if (!known || level.version > known.version) stock.set(level.id, { ...known, ...level })
}

const stop = new AbortController()
const http = new GraphQLClient(TRIBUTARY_URL, {
  headers: { 'x-tributary-app': TRIBUTARY_APP, 'x-tributary-key': TRIBUTARY_KEY },
})

/** Names do not change, so only the first reading pays for them. */
async function readStock() {
  const names = stock.size === 0
  let after = null
  do {
    const { inventoryLevels } = await request(stockPage, { after, names })
    inventoryLevels.nodes.forEach(keep)
    after = inventoryLevels.pageInfo.hasNextPage ? inventoryLevels.pageInfo.endCursor : null
  } while (after)
  console.log(`${stock.size} stock levels read`)
}

/** Our plan gives points per second: when they are used up, the answer says how long to wait. */
async function request(document, variables) {
  for (;;) {
    try {
      return await http.request({ document, variables, signal: stop.signal })
    } catch (error) {
      const { code, retryAfter } = error.response?.errors?.[0]?.extensions ?? {}
      if (code !== 'THROTTLED') throw error
      await pause(retryAfter * 1000, undefined, { signal: stop.signal })
    }
  }
}

let seen = 0
let reading = Promise.resolve()
/** True once this connection has told a change. */
let proven = false
const client = createClient({
  url: TRIBUTARY_URL.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { appId: TRIBUTARY_APP, key: TRIBUTARY_KEY },
  // A restart of the server is bridged, however long it takes; a refusal of our key (4403) stays one.
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: (event) => event.code !== 4403,
  on: {
    connected: () => {
      console.log('connected')
      proven = false
      refresh()
    },
    closed: (event) => console.log(`disconnected (${event.code ?? 'lost'} ${event.reason ?? ''})`),
  },
})

process.once('SIGINT', () => void client.dispose())

/**
 * Reads the stock anew in the background, one reading after the other. A reading that finds no server is left:
 * the connection is gone too then, and its return starts another one.
 */
function refresh() {
  reading = reading.then(readStock).catch((error) => {
    if (error.response?.errors) fail(error)
    if (!stop.signal.aborted) console.log(`the stock was not read: ${error.message}`)
  })
}

try {
  for await (const { data, errors } of client.iterate({ query: stockChanges })) {
    if (errors) throw errors
    const { reason, delta, level } = data.inventoryChanged
    keep(level)
    if (!proven) {
      proven = true
      refresh()
    }
    const change = `${delta > 0 ? '+' : ''}${delta}`.padStart(6)
    console.log(
      `${reason.padEnd(10)} ${change}  ${level.sku.code} at ${level.location.code}: ` +
        `${stock.get(level.id).available} available  (${level.sku.name})`,
    )
    seen += 1
    if (seen >= until) break
  }
} catch (error) {
  fail(error)
}
stop.abort()
await client.dispose()
console.log(`${seen} changes, ${stock.size} stock levels`)

function fail(error) {
  const [first] = error.response?.errors ?? (Array.isArray(error) ? error : [error])
  console.error(
    `The feed ended: ${first.extensions?.code ?? first.code ?? ''} ${first.message ?? first.reason ?? first}`,
  )
  process.exit(1)
}
