// @ts-nocheck -- plain JavaScript, as a partner may well write it
/* oxlint-disable no-console -- an example talks to its reader */
// Keeps a local copy of the stock and prints every change as it happens. Run it with:
//
//   TRIBUTARY_APP=app_… TRIBUTARY_KEY=trb_test_… node examples/inventory-feed.mjs [--until 10]
//
// The stock is read once, with the cursor of the event log behind which every later change is. The stream begins there,
// and after an interruption where it stopped: no change is missed, however long the server was away. What was told twice
// does no harm, because each level carries a version and an older one never replaces a newer.
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
      eventCursor
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`
const stockChanges = gql`
  subscription StockChanges($after: String) {
    inventoryChanged(after: $after) {
      cursor
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

/** Reads all of the stock; answers the cursor from which later changes are told. */
async function readStock() {
  let after = null
  let cursor = null
  do {
    const { inventoryLevels } = await request(stockPage, { after, names: stock.size === 0 || after !== null })
    inventoryLevels.nodes.forEach(keep)
    cursor ??= inventoryLevels.eventCursor
    after = inventoryLevels.pageInfo.hasNextPage ? inventoryLevels.pageInfo.endCursor : null
  } while (after)
  console.log(`${stock.size} stock levels read`)
  return cursor
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
const client = createClient({
  url: TRIBUTARY_URL.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { appId: TRIBUTARY_APP, key: TRIBUTARY_KEY },
  // The client would ask again with the cursor that it began with; below we go on with the last one.
  retryAttempts: 0,
  on: {
    connected: () => console.log('connected'),
    closed: (event) => console.log(`disconnected (${event.code ?? 'lost'} ${event.reason ?? ''})`),
  },
})

process.once('SIGINT', () => void client.dispose().then(() => process.exit()))

/** Follows changes after a cursor until the stream ends; answers the cursor of the last one and why it ended. */
async function follow(after) {
  let cursor = after
  try {
    for await (const { data, errors } of client.iterate({ query: stockChanges, variables: { after } })) {
      if (errors) return { cursor, reason: errors[0] }
      const { reason, delta, level } = data.inventoryChanged
      cursor = data.inventoryChanged.cursor
      keep(level)
      const change = `${delta > 0 ? '+' : ''}${delta}`.padStart(6)
      console.log(
        `${reason.padEnd(10)} ${change}  ${level.sku.code} at ${level.location.code}: ` +
          `${stock.get(level.id).available} available  (${level.sku.name})`,
      )
      seen += 1
      if (seen >= until) return { cursor, reason: null }
    }
    return { cursor, reason: { message: 'the stream is complete' } }
  } catch (error) {
    // Errors of GraphQL, the event by which the socket closed, or what kept it from opening.
    return { cursor, reason: Array.isArray(error) ? error[0] : error }
  }
}

let cursor = await readStock().catch(fail)
for (let failures = 0; seen < until;) {
  const before = seen
  const { cursor: last, reason } = await follow(cursor)
  if (reason === null) break
  const code = reason.extensions?.code ?? reason.code
  if (['UNAUTHENTICATED', 'FORBIDDEN', 'PLAN_FORBIDS', 'GRAPHQL_VALIDATION_FAILED', 4400, 4403].includes(code))
    fail(reason)
  failures = seen > before ? 0 : failures + 1
  // A little longer each time, and never two readers at the same moment.
  const seconds = reason.extensions?.retryAfter ?? Math.min(30, 2 ** failures / 4) * (0.5 + Math.random())
  await pause(seconds * 1000)
  // Away for longer than events are kept: what we have is too old to go on from.
  cursor = code === 'EVENTS_GONE' ? await readStock().catch(fail) : last
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
