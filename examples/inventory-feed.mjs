// @ts-nocheck -- plain JavaScript, as a partner may well write it
/* oxlint-disable no-console -- an example talks to its reader */
// Keeps a local copy of the stock and prints every change as it happens. Run it with:
//
//   TRIBUTARY_APP=app_… TRIBUTARY_KEY=trb_test_… node examples/inventory-feed.mjs [--until 10]
//
// The stock is read anew with each connection, and once more with its first change, which proves that the subscription
// stands: nothing can have slipped in between. Each level carries a version, so an older one never replaces a newer.
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

const levelFields = gql`
  fragment LevelFields on InventoryLevel {
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
`
const stockPage = gql`
  query StockPage($after: String) {
    inventoryLevels(first: 250, after: $after) {
      nodes {
        ...LevelFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
  ${levelFields}
`
const stockChanges = gql`
  subscription StockChanges {
    inventoryChanged {
      reason
      delta
      level {
        ...LevelFields
      }
    }
  }
  ${levelFields}
`

/** The local stock table: level id -> level. */
const stock = new Map()

/** Takes a level unless a newer one is here already: changes and pages may overtake each other. */
function keep(level) {
  const known = stock.get(level.id)
  if (!known || level.version > known.version) stock.set(level.id, level)
}

const http = new GraphQLClient(TRIBUTARY_URL, {
  headers: { 'x-tributary-app': TRIBUTARY_APP, 'x-tributary-key': TRIBUTARY_KEY },
})

async function readStock() {
  let after = null
  do {
    const { inventoryLevels } = await request(stockPage, { after })
    inventoryLevels.nodes.forEach(keep)
    after = inventoryLevels.pageInfo.hasNextPage ? inventoryLevels.pageInfo.endCursor : null
  } while (after)
  console.log(`${stock.size} stock levels read`)
}

/** Our plan gives points per second: when they are used up, the answer says how long to wait. */
async function request(query, variables) {
  for (;;) {
    try {
      return await http.request(query, variables)
    } catch (error) {
      const { code, retryAfter } = error.response?.errors?.[0]?.extensions ?? {}
      if (code !== 'THROTTLED') throw error
      await new Promise((resolve) => setTimeout(resolve, retryAfter * 1000))
    }
  }
}

let seen = 0
let reading = Promise.resolve()
let proven = false
const client = createClient({
  url: TRIBUTARY_URL.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { appId: TRIBUTARY_APP, key: TRIBUTARY_KEY },
  // For good: a restart of the server is bridged. What ends a connection for good is a close code that says why.
  retryAttempts: Number.POSITIVE_INFINITY,
  on: {
    connected: () => {
      console.log('connected')
      proven = false
      reading = readStock().catch(fail)
    },
    closed: (event) => console.log(`disconnected (${event.code ?? 'lost'} ${event.reason ?? ''})`),
  },
})

process.once('SIGINT', () => void client.dispose())

try {
  for await (const { data, errors } of client.iterate({ query: stockChanges })) {
    if (errors) throw errors
    const { reason, delta, level } = data.inventoryChanged
    keep(level)
    if (!proven) {
      proven = true
      reading = reading.then(readStock).catch(fail)
    }
    const change = `${delta > 0 ? '+' : ''}${delta}`.padStart(6)
    console.log(
      `${reason.padEnd(10)} ${change}  ${level.sku.code} at ${level.location.code}: ` +
        `${stock.get(level.id).available} available  (${level.sku.name})`,
    )
    seen += 1
    if (seen >= until) break
  }
  await reading
} catch (error) {
  fail(error)
} finally {
  await client.dispose()
}
console.log(`${seen} changes, ${stock.size} stock levels`)

function fail(error) {
  const [first] = error.response?.errors ?? (Array.isArray(error) ? error : [error])
  console.error(
    `The feed ended: ${first.extensions?.code ?? first.code ?? ''} ${first.message ?? first.reason ?? first}`,
  )
  process.exit(1)
}
