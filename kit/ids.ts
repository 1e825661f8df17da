import { createHash } from 'node:crypto'
import { v7 } from 'uuid'

/** The prefixes of global ids, by entity. */
export const idPrefixes = {
  Organization: 'org',
  PartnerTier: 'tier',
  TierProposal: 'tprop',
  Member: 'mem',
  Invitation: 'invt',
  ExtraField: 'xf',
  Certification: 'cert',
  App: 'app',
  AppCredential: 'cred',
  TrustedDocument: 'tdoc',
  Consent: 'cons',
  DeclaredScope: 'dsc',
  WebhookEndpoint: 'whe',
  WebhookDelivery: 'whd',
  Product: 'prod',
  Sku: 'sku',
  PriceList: 'pl',
  Entitlement: 'ent',
  AppListing: 'lst',
  Installation: 'inst',
  Review: 'rev',
  DealRegistration: 'deal',
  DealEvidence: 'evd',
  Opportunity: 'opp',
  Lead: 'lead',
  CoSellEngagement: 'cose',
  ReservedCustomer: 'rcus',
  Location: 'loc',
  InventoryLevel: 'inv',
  InventoryAdjustment: 'adj',
  InventoryBatch: 'batch',
  Reservation: 'resv',
  IncomingShipment: 'ship',
  ChannelAllocation: 'alloc',
  Plan: 'plan',
  PlanSubscription: 'sub',
  PlanRequest: 'plrq',
  PricingRule: 'prule',
  UsageEvent: 'use',
  Invoice: 'in',
  CommissionRule: 'crule',
  Commission: 'com',
  RevenueShare: 'rsh',
  Payout: 'po',
  LedgerTransaction: 'ltx',
  LedgerEntry: 'lent',
  ImportJob: 'imp',
  ImportRefusal: 'impr',
  Event: 'evt',
  EventTypeDeclaration: 'evtd',
  AuditEntry: 'aud',
  Mail: 'mail',
  PartnerApplication: 'papp',
  SubgraphVersion: 'sgv',
  Supergraph: 'sgr',
  Gateway: 'gw',
} as const

export type IdentifiedType = keyof typeof idPrefixes

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** A new global id such as `org_01jd…`: opaque to clients, ordered by creation so that indexes grow at their end. */
export function createId(type: IdentifiedType): string {
  return `${idPrefixes[type]}_${base32(Buffer.from(v7().replaceAll('-', ''), 'hex'))}`
}

/** A stable id for seeded data: the same name gives the same id on every installation. */
export function seededId(type: IdentifiedType, name: string): string {
  return `${idPrefixes[type]}_${base32(createHash('sha256').update(`${type}:${name}`).digest().subarray(0, 10))}`
}

/** True for a well-formed id of that type; a lookup of anything else need not reach the database. */
export function isIdOf(type: IdentifiedType, id: string): boolean {
  return id.startsWith(`${idPrefixes[type]}_`) && /^[0-9a-z]{1,40}$/.test(id.slice(idPrefixes[type].length + 1))
}

function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      text += alphabet[(value >>> (bits - 5)) & 31]
      bits -= 5
      value &= (1 << bits) - 1
    }
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text
}
