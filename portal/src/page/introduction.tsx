const subgraphs = [
  { name: 'partner', holds: 'organizations, tiers, members, apps and their keys' },
  { name: 'catalog', holds: 'products, entitlements and the price that each caller pays' },
  { name: 'deals', holds: 'registrations, leads, opportunities and co-selling' },
  { name: 'inventory', holds: 'stock as it moves, reservations and allocations' },
  { name: 'billing', holds: 'plans, usage, invoices and commissions' },
  { name: 'bulk', holds: 'imports of any size, line by line' },
  { name: 'events', holds: 'the log of everything that happened, for readers who poll it' },
  { name: 'schemas', holds: 'subgraphs of other teams, checked before they are published' },
]

/** What Tributary is and what its graph holds. */
export function Introduction() {
  return (
    <section className="introduction" aria-labelledby="introduction-title">
      <h1 id="introduction-title">One graph for partners, channel and teams</h1>
      <p>
        Tributary is a GraphQL API that a company hosts itself and opens to its partners, its sales channel and its own
        teams. Eight services answer behind one address, so one query holds your organization, your prices, live stock,
        your deals and your invoices. You get the fields that your scopes allow, and every answer tells what it cost.
      </p>
      <h2 className="subgraphs-title">Eight subgraphs, one schema</h2>
      <dl className="subgraphs">
        {subgraphs.map(({ name, holds }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{holds}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
