import { seededId } from '../../kit/ids.ts'
import { pickFrom, wholeBetween } from './deterministic.ts'
import { demoOrganizations } from './organizations.ts'
import { type DemoProduct, type DemoSku, demoProducts } from './products.ts'
import { territoryOf } from './territories.ts'

type DemoDealState =
  | 'DRAFT'
  | 'SUBMITTED'
  | 'UNDER_REVIEW'
  | 'APPROVED'
  | 'REJECTED'
  | 'RETURNED'
  | 'CONVERTED'
  | 'EXPIRED'
  | 'WON'
  | 'LOST'
  | 'WITHDRAWN'

export interface DemoDeal {
  readonly id: string
  /** `deal-001` to `deal-060`. */
  readonly slug: string
  /** The slug of the registering organization. */
  readonly organization: string
  readonly organizationId: string
  readonly customer: { readonly name: string; readonly domain: string; readonly country: string }
  readonly territory: string
  readonly product: string
  readonly productId: string
  readonly productFamily: string
  readonly skuId: string
  readonly quantity: number
  /** In euro cents. */
  readonly valueMinorUnits: number
  readonly state: DemoDealState
  readonly createdDaysAgo: number
}

/** End customers by country; each appears in one deal, so no two deals compete for one. */
const customers: Readonly<Record<string, readonly string[]>> = {
  DE: ['Rheinland Spedition', 'Havelwerke', 'Stadtwerke Lindenau', 'Brauerei Falkenstein', 'Klinikum Nordheide'],
  AT: ['Tauernbahn', 'Mühlviertel Holz', 'Donau Versicherungsdienst'],
  CH: ['Aaretal Präzision', 'Säntis Pharma', 'Engadin Hotels'],
  NL: ['Waddenzee Rederij', 'Gelre Ziekenhuis', 'Maasvlakte Logistiek', 'Tulpenland Export'],
  BE: ['Ardenne Brasserie', 'Leie Textiel', 'Kempen Bouw'],
  LU: ['Sûre Fonds Services'],
  SE: ['Mälaren Kraft', 'Småland Möbler', 'Vättern Papper'],
  DK: ['Limfjord Skibe', 'Sjælland Mejeri', 'Bornholm Energi'],
  NO: ['Hardanger Sjømat', 'Nordkapp Rederi', 'Oppland Skog'],
  FI: ['Saimaa Paperi', 'Kainuu Kaivos'],
  GB: ['Cotswold Foods', 'Tyneside Marine', 'Severn Water Board', 'Mersey Freight', 'Peak District Schools Trust'],
  IE: ['Burren Dairy', 'Liffey Insurance', 'Galway Medical Devices'],
  FR: ['Loire Transports', 'Vosges Textile', 'Hôpital Saint-Éloi', 'Cévennes Agro', 'Garonne Aéro'],
  ES: ['Ebro Conservas', 'Cantábrico Puertos', 'Sierra Vinos'],
  PT: ['Douro Cortiça', 'Algarve Hotéis'],
  IT: ['Adige Meccanica', 'Langhe Vini', 'Salento Oli'],
  PL: ['Warta Meble', 'Mazury Jachty', 'Śląsk Stal'],
  CZ: ['Vltava Sklo', 'Morava Strojírny'],
  HU: ['Balaton Élelmiszer', 'Tisza Gépgyár'],
  SK: ['Váh Automotive', 'Orava Papier'],
}

/** How the deals that are not won spread over the other states. */
const otherStates: readonly DemoDealState[] = [
  'APPROVED',
  'SUBMITTED',
  'UNDER_REVIEW',
  'DRAFT',
  'APPROVED',
  'REJECTED',
  'CONVERTED',
  'RETURNED',
  'LOST',
  'EXPIRED',
  'WITHDRAWN',
  'SUBMITTED',
]

/** Days since the draft was made; waiting deals are young, because a decision is due within 48 hours. */
const ageInDays: Readonly<Record<DemoDealState, readonly [min: number, max: number]>> = {
  DRAFT: [0, 9],
  SUBMITTED: [0, 1],
  UNDER_REVIEW: [1, 2],
  RETURNED: [3, 14],
  APPROVED: [4, 60],
  REJECTED: [5, 120],
  WITHDRAWN: [6, 90],
  CONVERTED: [20, 80],
  WON: [40, 160],
  LOST: [50, 160],
  EXPIRED: [100, 170],
}

const sellers = demoOrganizations.filter(
  ({ status, type, operator }) => status === 'APPROVED' && type !== 'ISV' && !operator,
)

function createDeal(index: number, customer: { name: string; country: string }): DemoDeal {
  const slug = `deal-${String(index + 1).padStart(3, '0')}`
  const territory = territoryOf(customer.country)
  const candidates = sellers.filter(({ territories }) => territories.includes(territory))
  // Every third deal of a territory goes to its strongest partner, so that the gold partners have the most.
  const gold = candidates.find(({ tier }) => tier === 'gold')
  const seller = gold && index % 3 === 0 ? gold : pickFrom(`seller:${slug}`, candidates)
  const product: DemoProduct = pickFrom(
    `product:${slug}`,
    demoProducts.filter(({ status }) => status === 'ACTIVE'),
  )
  const sku: DemoSku = pickFrom(`sku:${slug}`, product.skus)
  const state = index % 11 === 0 ? 'WON' : (otherStates[index % otherStates.length] ?? 'DRAFT')
  // A registration is worth the partner's while from some ten thousand euros on.
  const quantity = Math.ceil((wholeBetween(`value:${slug}`, 12, 180) * 100_000) / sku.listPriceMinorUnits)
  return {
    id: seededId('DealRegistration', slug),
    slug,
    organization: seller.slug,
    organizationId: seller.id,
    customer: { ...customer, domain: domainOf(customer.name) },
    territory,
    product: product.slug,
    productId: product.id,
    productFamily: product.family,
    skuId: sku.id,
    quantity,
    valueMinorUnits: quantity * sku.listPriceMinorUnits,
    state,
    createdDaysAgo: wholeBetween(`age:${slug}`, ...ageInDays[state]),
  }
}

function domainOf(name: string): string {
  const plain = name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[øØ]/g, 'o')
    .replaceAll(/[æÆ]/g, 'ae')
    .toLowerCase()
  return `${plain.replaceAll(/[^a-z0-9]+/g, '-')}.example`
}

/** The 60 deal registrations of the demo; those at every eleventh place are won. */
export const demoDeals: readonly DemoDeal[] = Object.entries(customers)
  .flatMap(([country, names]) => names.map((name) => ({ name, country })))
  .slice(0, 60)
  .map((customer, index) => createDeal(index, customer))
