// @ts-nocheck -- plain JavaScript, as a partner may well write it
/* oxlint-disable no-console -- an example talks to its reader */
// A partner portal's home page from one query: who we are, what we may sell at which price, where it is in stock,
// our deals, our invoices, and what our app has used. Run it with:
//
//   TRIBUTARY_APP=app_… TRIBUTARY_KEY=trb_test_… node examples/portal-home.mjs
import { ClientError, GraphQLClient, gql } from 'graphql-request'

const { TRIBUTARY_URL = 'http://localhost:4000/graphql', TRIBUTARY_APP, TRIBUTARY_KEY } = process.env
if (!TRIBUTARY_APP || !TRIBUTARY_KEY) {
  console.error('Set TRIBUTARY_APP and TRIBUTARY_KEY; `npm start` prints the demo apps with their keys.')
  process.exit(2)
}

const client = new GraphQLClient(TRIBUTARY_URL, {
  headers: { 'x-tributary-app': TRIBUTARY_APP, 'x-tributary-key': TRIBUTARY_KEY },
  // A field that our app has no scope for comes as null with an error beside it; the page shows the rest.
  errorPolicy: 'all',
})

const portalHome = gql`
  query PortalHome {
    myOrganization {
      name
      territories
      tier {
        name
      }
      dealRegistrations(first: 5) {
        totalCount
        nodes {
          number
          state
          customer {
            name
          }
          product {
            name
          }
          estimatedValue {
            ...Amount
          }
        }
      }
      invoices(first: 5, status: OPEN) {
        totalCount
        nodes {
          number
          dueAt
          total {
            ...Amount
          }
        }
      }
      apps(first: 10) {
        nodes {
          name
          environment
        }
      }
    }
    myApp {
      name
      plan {
        name
      }
      usage {
        calls
        cost
      }
    }
    skus(first: 8) {
      nodes {
        code
        name
        price(quantity: 10) {
          unitPrice {
            ...Amount
          }
          listPrice {
            ...Amount
          }
        }
        availableToPromise
        inventory {
          available
          location {
            code
          }
        }
      }
    }
  }

  fragment Amount on Money {
    amount
    currencyCode
  }
`

try {
  const { data, errors = [], extensions } = await client.rawRequest(portalHome)
  print(data)
  for (const { message, path = [] } of errors) console.log(`\nNot shown: ${path.join('.')}: ${message}`)
  const cost = extensions?.cost
  if (cost) {
    const { currentlyAvailable, maximumAvailable } = cost.throttleStatus
    console.log(
      `\nThis page cost ${cost.actualQueryCost} points; ${currentlyAvailable} of ${maximumAvailable} are left.`,
    )
  }
} catch (error) {
  if (error instanceof ClientError) {
    const { errors: [first] = [], status } = error.response
    console.error(first ? `${String(first.extensions.code)}: ${first.message}` : `The server answered ${status}.`)
  } else console.error(`No answer from ${TRIBUTARY_URL}: ${error.cause?.message ?? error.message}`)
  process.exit(1)
}

/** Everything may be null here: what our app may not see is. */
function print({ myOrganization: organization, myApp: app, skus }) {
  const { name, tier, territories } = organization ?? {}
  heading(`${name ?? '(organization hidden)'}  ${[tier?.name, ...(territories ?? [])].filter(Boolean).join(' · ')}`)

  heading('Our prices and stock')
  for (const sku of skus?.nodes ?? []) {
    const places = (sku.inventory ?? []).filter(({ available }) => available > 0)
    console.log(
      `${sku.code}  ${amount(sku.price?.unitPrice)} (list ${amount(sku.price?.listPrice)})  ` +
        `${String(sku.availableToPromise ?? '?').padStart(5)} in stock  ${sku.name}`,
    )
    if (places.length > 0)
      console.log(`          ${places.map((at) => `${at.location.code} ${at.available}`).join(', ')}`)
  }

  const deals = organization?.dealRegistrations
  heading(`Deal registrations (${deals?.totalCount ?? 'hidden'})`)
  for (const deal of deals?.nodes ?? []) {
    const value = amount(deal.estimatedValue)
    console.log(`${deal.number}  ${deal.state.padEnd(12)} ${value}  ${deal.customer?.name}: ${deal.product?.name}`)
  }

  const invoices = organization?.invoices
  heading(`Open invoices (${invoices?.totalCount ?? 'hidden'})`)
  for (const invoice of invoices?.nodes ?? []) {
    console.log(`${invoice.number}  ${amount(invoice.total)}  due ${invoice.dueAt?.slice(0, 10)}`)
  }

  heading('Our apps')
  for (const { name: appName, environment } of organization?.apps?.nodes ?? [])
    console.log(`${appName} (${environment})`)
  console.log(`This one is ${app?.name} on the plan ${app?.plan?.name ?? '(hidden)'}.`)
  if (app?.usage) console.log(`This month: ${app.usage.calls} calls, ${app.usage.cost} points.`)
}

function heading(text) {
  console.log(`\n${text}\n${'-'.repeat(text.length)}`)
}

function amount(money) {
  return money ? `${money.amount.padStart(10)} ${money.currencyCode}` : '         -    '
}
