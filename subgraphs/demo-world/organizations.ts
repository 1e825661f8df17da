import { seededId } from '../../kit/ids.ts'

type OrganizationType = 'RESELLER' | 'DISTRIBUTOR' | 'ISV' | 'REFERRAL' | 'SI'
type OrganizationStatus = 'APPLIED' | 'APPROVED' | 'REJECTED' | 'SUSPENDED' | 'TERMINATED'
type TierSlug = 'registered' | 'silver' | 'gold'

export interface DemoOrganization {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly type: OrganizationType
  readonly status: OrganizationStatus
  /** Null before approval. */
  readonly tier: TierSlug | null
  readonly country: string
  readonly territories: readonly string[]
  readonly website: string
  /** True for the platform company itself. */
  readonly operator: boolean
  readonly joinedDaysAgo: number
}

type Row = readonly [
  slug: string,
  name: string,
  type: OrganizationType,
  tier: TierSlug | null,
  country: string,
  territories: readonly string[],
  joinedDaysAgo: number,
  status?: OrganizationStatus,
]

const rows: readonly Row[] = [
  ['meridian', 'Meridian Distribution', 'DISTRIBUTOR', 'gold', 'NL', [], 2_900],
  ['northwind', 'Northwind IT Solutions', 'RESELLER', 'gold', 'DE', ['DACH', 'BENELUX'], 1_620],
  ['contoso', 'Contoso Office Supply', 'RESELLER', 'registered', 'GB', ['UKI'], 95],
  ['fjordline', 'Fjordline Data', 'RESELLER', 'gold', 'NO', ['NORDICS'], 1_410],
  ['baltica', 'Baltica Systems', 'SI', 'silver', 'SE', ['NORDICS'], 880],
  ['oresund', 'Øresund Netværk', 'RESELLER', 'silver', 'DK', ['NORDICS'], 760],
  ['suomitek', 'Suomitek', 'RESELLER', 'registered', 'FI', ['NORDICS'], 210],
  ['alpenland', 'Alpenland IT-Systemhaus', 'SI', 'gold', 'AT', ['DACH'], 1_980],
  ['rheinwerk', 'Rheinwerk Computertechnik', 'RESELLER', 'silver', 'DE', ['DACH'], 1_120],
  ['helvetica-net', 'Helvetica Net', 'RESELLER', 'silver', 'CH', ['DACH'], 640],
  ['hanseatic', 'Hanseatic Procurement Services', 'REFERRAL', 'registered', 'DE', ['DACH'], 330],
  ['polder', 'Polder Automatisering', 'RESELLER', 'silver', 'NL', ['BENELUX'], 990],
  ['scheldt', 'Scheldt Business IT', 'SI', 'silver', 'BE', ['BENELUX'], 720],
  ['moselle', 'Moselle Cloud Partners', 'REFERRAL', 'registered', 'LU', ['BENELUX'], 150],
  ['pennine', 'Pennine Technology', 'RESELLER', 'gold', 'GB', ['UKI'], 1_540],
  ['shannon', 'Shannon Digital', 'SI', 'silver', 'IE', ['UKI'], 560],
  ['thamesgate', 'Thamesgate Software', 'ISV', 'silver', 'GB', ['UKI'], 480],
  ['rhone', 'Rhône Informatique', 'RESELLER', 'gold', 'FR', ['FRANCE'], 1_330],
  ['armorique', 'Armorique Réseaux', 'RESELLER', 'registered', 'FR', ['FRANCE'], 240],
  ['lutece', 'Lutèce Logiciels', 'ISV', 'registered', 'FR', ['FRANCE'], 310],
  ['iberia-tec', 'Iberia Tec', 'RESELLER', 'silver', 'ES', ['IBERIA'], 830],
  ['tagus', 'Tagus Soluções', 'RESELLER', 'registered', 'PT', ['IBERIA'], 190],
  ['catalana', 'Catalana de Sistemes', 'SI', 'silver', 'ES', ['IBERIA'], 600],
  ['po-valley', 'Po Valley Informatica', 'RESELLER', 'silver', 'IT', ['ITALY'], 910],
  ['tirreno', 'Tirreno Servizi IT', 'SI', 'registered', 'IT', ['ITALY'], 270],
  ['vistula', 'Vistula Komputery', 'RESELLER', 'silver', 'PL', ['CEE'], 700],
  ['bohemia', 'Bohemia Systémy', 'RESELLER', 'registered', 'CZ', ['CEE'], 350],
  ['danubia', 'Danubia Rendszerház', 'SI', 'registered', 'HU', ['CEE'], 420, 'SUSPENDED'],
  ['tatra', 'Tatra Počítače', 'RESELLER', null, 'SK', ['CEE'], 12, 'APPLIED'],
  ['greywater', 'Greywater Trading', 'REFERRAL', null, 'GB', ['UKI'], 64, 'REJECTED'],
  ['lowland-parts', 'Lowland Parts', 'RESELLER', null, 'NL', ['BENELUX'], 1_870, 'TERMINATED'],
]

/** The partners of the demo, the platform company first. */
export const demoOrganizations: readonly DemoOrganization[] = rows.map(
  ([slug, name, type, tier, country, territories, joinedDaysAgo, status = 'APPROVED']) => ({
    id: seededId('Organization', slug),
    slug,
    name,
    type,
    status,
    tier,
    country,
    territories,
    website: `https://www.${slug}.example`,
    operator: slug === 'meridian',
    joinedDaysAgo,
  }),
)

const bySlug = new Map(demoOrganizations.map((organization) => [organization.slug, organization]))

/** One partner of the demo by its slug. */
export function demoOrganization(slug: string): DemoOrganization {
  const organization = bySlug.get(slug)
  if (!organization) throw new Error(`no demo organization ${slug}`)
  return organization
}
