import { seededId } from '../../kit/ids.ts'
import { type DemoDeal, demoDeals } from './deals.ts'
import { pickFrom, wholeBetween } from './deterministic.ts'
import { demoOrganization } from './organizations.ts'
import { demoProducts } from './products.ts'

export interface DemoLead {
  readonly id: string
  readonly slug: string
  readonly state: 'NEW' | 'ASSIGNED' | 'ACCEPTED' | 'CONVERTED' | 'DISQUALIFIED'
  /** Null while it is new. */
  readonly organizationId: string | null
  readonly customer: { readonly name: string; readonly domain: string; readonly country: string }
  readonly contact: { readonly name: string; readonly email: string; readonly phone: string }
  readonly productId: string
  readonly productFamily: string
  /** In euro cents. */
  readonly valueMinorUnits: number
  readonly note: string
  readonly createdHoursAgo: number
  /** The registration that it became. */
  readonly deal: DemoDeal | null
}

type Row = readonly [
  state: DemoLead['state'],
  partner: string | null,
  customer: string,
  domain: string,
  country: string,
  contact: string,
]

const rows: readonly Row[] = [
  ['NEW', null, 'Elbtal Keramik', 'elbtal-keramik.example', 'DE', 'Jana Vogt'],
  ['NEW', null, 'Zuiderhof Logistiek', 'zuiderhof.example', 'NL', 'Bram de Wit'],
  ['NEW', null, 'Trossachs Distilling', 'trossachs.example', 'GB', 'Fiona Baird'],
  ['NEW', null, 'Camargue Sel', 'camargue-sel.example', 'FR', 'Luc Ferrand'],
  ['ASSIGNED', 'northwind', 'Neckartal Optik', 'neckartal-optik.example', 'DE', 'Katrin Sommer'],
  ['ASSIGNED', 'northwind', 'Veluwe Zuivel', 'veluwe-zuivel.example', 'NL', 'Sanne Bakker'],
  ['ASSIGNED', 'fjordline', 'Lofoten Tørrfisk', 'lofoten-torrfisk.example', 'NO', 'Sigrid Nilsen'],
  ['ASSIGNED', 'pennine', 'Dales Dairy Group', 'dales-dairy.example', 'GB', 'Owen Clarke'],
  ['ACCEPTED', 'northwind', 'Harzer Akustik', 'harzer-akustik.example', 'DE', 'Timo Reuter'],
  ['ACCEPTED', 'alpenland', 'Zillertal Seilbahnen', 'zillertal-seil.example', 'AT', 'Eva Moser'],
  ['ACCEPTED', 'rhone', 'Beaujolais Verre', 'beaujolais-verre.example', 'FR', 'Claire Morel'],
  ['DISQUALIFIED', 'polder', 'Westland Bloemen', 'westland-bloemen.example', 'NL', 'Joost Visser'],
]

const notes = [
  'Asked for an offer at the trade fair; wants to decide this quarter.',
  'Replaces its equipment at all sites; asks for a partner nearby.',
  'Came in over the website; needs advice on sizing.',
] as const

function createLead([state, partner, name, domain, country, contact]: Row, deal: DemoDeal | null): DemoLead {
  const slug = domain.split('.')[0] ?? domain
  const product = pickFrom(
    `lead:${slug}`,
    demoProducts.filter(({ status }) => status === 'ACTIVE'),
  )
  return {
    id: seededId('Lead', slug),
    slug,
    state,
    organizationId: deal?.organizationId ?? (partner === null ? null : demoOrganization(partner).id),
    customer: { name, domain, country },
    contact: {
      name: contact,
      email: `${contact.toLowerCase().replaceAll(' ', '.')}@${domain}`,
      // Of numbers that no line has (ITU's 999 is assigned to no country).
      phone: `+999 ${wholeBetween(`phone:${slug}`, 100_000, 999_999)}`,
    },
    productId: deal?.productId ?? product.id,
    productFamily: deal?.productFamily ?? product.family,
    valueMinorUnits: wholeBetween(`value:${slug}`, 12, 90) * 100_000,
    note: pickFrom(`note:${slug}`, notes),
    createdHoursAgo:
      state === 'ASSIGNED' ? wholeBetween(`hours:${slug}`, 4, 20) : wholeBetween(`hours:${slug}`, 30, 400),
    deal,
  }
}

const draft = demoDeals.find(({ state }) => state === 'DRAFT')

/** The leads of the demo, in every state; the converted one became one of its drafts. */
export const demoLeads: readonly DemoLead[] = [
  ...rows.map((row) => createLead(row, null)),
  ...(draft === undefined
    ? []
    : [
        createLead(
          ['CONVERTED', null, draft.customer.name, draft.customer.domain, draft.customer.country, 'Kim Berg'],
          draft,
        ),
      ]),
]
