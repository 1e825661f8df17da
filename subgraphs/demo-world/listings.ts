/** An app of the demo on the marketplace, with the partners who use it and what they think of it. */
export interface DemoListing {
  /** The slug of the app. */
  readonly app: string
  readonly name: string
  readonly summary: string
  readonly description: string
  readonly category: string
  readonly state: 'DRAFT' | 'SUBMITTED' | 'PUBLISHED' | 'REJECTED' | 'DELISTED'
  readonly reason: string | null
  readonly createdDaysAgo: number
  readonly installedBy: readonly (readonly [
    organization: string,
    state: 'INSTALLED' | 'SUSPENDED' | 'UNINSTALLED',
    stars: number | null,
    text: string | null,
  ])[]
}

export const demoListings: readonly DemoListing[] = [
  {
    app: 'thamesgate-quoting',
    name: 'Thamesgate Quoting',
    summary: 'Turns a basket into a branded quotation with your own prices.',
    description:
      'Reads the SKUs that you may sell with your own prices, adds your margin and sends a quotation in your corporate design. Quotations follow price changes until they are accepted.',
    category: 'Quoting',
    state: 'PUBLISHED',
    reason: null,
    createdDaysAgo: 210,
    installedBy: [
      ['northwind', 'INSTALLED', 5, 'Our sales team writes a quotation in two minutes now.'],
      ['fjordline', 'INSTALLED', 4, 'Does what it says; a Norwegian template would be welcome.'],
      ['polder', 'INSTALLED', 5, null],
      ['pennine', 'SUSPENDED', 3, 'Good, but slow with more than 200 lines.'],
      ['rhone', 'UNINSTALLED', 2, 'No French at the time.'],
    ],
  },
  {
    app: 'alpenland-erp',
    name: 'Alpenland ERP Connector',
    summary: 'Keeps articles, prices and stock of your ERP system up to date.',
    description:
      'Writes articles, your prices and available stock into the usual ERP systems every few minutes, and orders back. Comes with mappings for the German-speaking market.',
    category: 'ERP',
    state: 'PUBLISHED',
    reason: null,
    createdDaysAgo: 160,
    installedBy: [
      ['northwind', 'INSTALLED', 4, 'The mapping took us a day, since then it has run without a hitch.'],
      ['rheinwerk', 'INSTALLED', 5, null],
    ],
  },
  {
    app: 'northwind-stock-feed',
    name: 'Northwind Stock Widget',
    summary: 'Shows live stock on any web page.',
    description: 'A few lines of script that show live stock by location on any web page, in your colours.',
    category: 'Web shops',
    state: 'SUBMITTED',
    reason: null,
    createdDaysAgo: 6,
    installedBy: [],
  },
  {
    app: 'pennine-shop',
    name: 'Pennine Storefront',
    summary: 'A web shop for small resellers.',
    description: 'A web shop with the whole catalog, ready in an afternoon.',
    category: 'Web shops',
    state: 'REJECTED',
    reason: 'Please tell which data of customers it keeps and for how long.',
    createdDaysAgo: 32,
    installedBy: [],
  },
  {
    app: 'polder-shop',
    name: 'Polder Webwinkel Kit',
    summary: 'The parts of our own web shop, for others.',
    description: 'To be written.',
    category: 'Web shops',
    state: 'DRAFT',
    reason: null,
    createdDaysAgo: 3,
    installedBy: [],
  },
  {
    app: 'rhone-boutique',
    name: 'Rhône Catalogue',
    summary: 'A printed catalogue from live data.',
    description: 'Lays out a printed catalogue with your prices.',
    category: 'Print',
    state: 'DELISTED',
    reason: null,
    createdDaysAgo: 400,
    installedBy: [['lutece', 'INSTALLED', 3, null]],
  },
]
