/** What readers outside may know of a type of event. */
export interface EventTypeInfo {
  /** What has happened, in a sentence. */
  readonly description: string
  /** The scope that whoever reads events of this type must have. */
  readonly scope: string
}

const of = (scope: string, descriptions: Readonly<Record<string, string>>): [string, EventTypeInfo][] =>
  Object.entries(descriptions).map(([type, description]) => [type, { scope, description }])

/**
 * Every type of the product's own events that may leave the installation, by poll, webhook or stream, with the scope that
 * its readers need; those of published subgraphs are declared (`declared-event-types.ts`). A type that is not listed stays inside: what is new is told to nobody by mistake. Which organizations may learn of a single
 * event is told by its audience, besides.
 */
const eventTypes: ReadonlyMap<string, EventTypeInfo> = new Map([
  ...of('partner:read', {
    'organization.applied': 'A company has applied for partnership.',
    'organization.approved': 'A partnership was approved.',
    'organization.rejected': 'An application for partnership was rejected.',
    'organization.suspended': 'A partnership was suspended.',
    'organization.reinstated': 'A suspended partnership is in force again.',
    'organization.terminated': 'A partnership has ended.',
    'organization.changed': "An organization's profile was changed.",
    'organization.tier_changed': 'An organization has come into another tier.',
    'organization.tier_at_risk': 'An organization no longer reaches the thresholds of its tier.',
    'organization.tier_kept': 'An organization reaches the thresholds of its tier again.',
    'tier_proposal.created': 'A move to another tier was proposed.',
    'tier_proposal.accepted': 'A proposed move was accepted.',
    'tier_proposal.declined': 'A proposed move was declined.',
    'tier_proposal.superseded': 'A proposed move was replaced by another one.',
    'partner_tier.created': 'The programme has a new tier.',
    'partner_tier.changed': 'A tier of the programme was changed.',
    'partner_application.approved': 'An application was approved.',
    'partner_application.rejected': 'An application was rejected.',
    'member.joined': 'A person has joined an organization.',
    'member.changed': "A member's details were changed.",
    'member.role_changed': 'A member has another role.',
    'member.deactivated': 'A member was deactivated.',
    'invitation.created': 'A person was invited.',
    'invitation.resent': 'An invitation was sent again.',
    'invitation.accepted': 'An invitation was accepted.',
    'invitation.revoked': 'An invitation was taken back.',
    'invitation.expired': 'An invitation has expired.',
    'certification.granted': 'A certification was granted.',
    'certification.renewed': 'A certification was renewed.',
    'certification.revoked': 'A certification was revoked.',
    'certification.expired': 'A certification has expired.',
    'extra_field.created': 'A further field of forms was defined.',
    'extra_field.changed': 'A further field of forms was changed.',
  }),
  ...of('apps:read', {
    'app.created': 'An app was registered.',
    'app.changed': 'An app was changed.',
    'app.revoked': 'An app was revoked.',
    'schema.deprecated_field_used': 'An app uses parts of the graph that go away; told once a week at most.',
    'app_credential.created': 'A key of an app was made.',
    'app_credential.revoked': 'A key of an app was revoked.',
    'app_credential.expired': 'A key of an app has expired.',
    'consent.granted': 'A person lets an app act.',
    'consent.changed': 'A person lets an app do other things.',
    'consent.revoked': 'A person no longer lets an app act.',
    'consent.expired': 'A consent has expired.',
  }),
  ...of('webhooks:read', {
    'webhook_endpoint.created': 'A webhook endpoint was made.',
    'webhook_endpoint.changed': 'A webhook endpoint was changed.',
    'webhook_endpoint.disabled': 'A webhook endpoint gets no more events; the reason says why.',
    'webhook_endpoint.enabled': 'A webhook endpoint gets events again.',
    'webhook_endpoint.deleted': 'A webhook endpoint was deleted.',
    'webhook_endpoint.gap': 'Events for an endpoint were cut off the log before they could be delivered.',
  }),
  ...of('schemas:read', {
    'subgraph.published': 'A subgraph was published, or an earlier version of it again.',
    'subgraph.retired': 'A subgraph was taken out of the graph.',
    'subgraph_scope.declared': 'A subgraph has declared a scope, or describes it otherwise.',
    'subgraph_scope.withdrawn': 'A subgraph no longer declares a scope.',
    'declared_scope.offered': 'A scope of a subgraph is offered to other partners than before.',
    'declared_scope.ended': 'A scope of a subgraph has ended: nobody holds it any more.',
  }),
  ...of('catalog:read', {
    'product.created': 'A product was made.',
    'product.changed': 'A product was changed.',
    'sku.created': 'A SKU was made.',
    'sku.changed': 'A SKU was changed.',
    'entitlement.granted': 'Someone may view, sell or register something new.',
    'entitlement.revoked': 'An entitlement was revoked.',
    'app_listing.created': 'An app was written into the marketplace as a draft.',
    'app_listing.changed': 'A listing was changed.',
    'app_listing.submitted': 'A listing was submitted for review.',
    'app_listing.published': 'A listing was published.',
    'app_listing.rejected': 'A listing was rejected.',
    'app_listing.delisted': 'A listing was taken off the marketplace.',
    'installation.installed': 'An app was installed.',
    'installation.suspended': 'An installation was suspended.',
    'installation.resumed': 'A suspended installation works again.',
    'installation.uninstalled': 'An app was uninstalled.',
    'review.written': 'A review was written.',
    'review.changed': 'A review was changed.',
    'review.hidden': 'A review was hidden.',
    'review.shown': 'A hidden review is shown again.',
  }),
  ...of('pricing:read', {
    'price_list.created': 'A price list was made.',
    'price_list.changed': 'A price list, its assignments or its prices were changed.',
    'preferred_currency.changed': 'An organization prefers another currency.',
  }),
  ...of('deals:read', {
    'deal.drafted': 'A deal registration was drafted.',
    'deal.edited': 'A deal registration was edited.',
    'deal.submitted': 'A deal registration was submitted.',
    'deal.reviewed': 'A deal registration is under review.',
    'deal.approved': 'A deal registration was approved and protects its customer.',
    'deal.rejected': 'A deal registration was rejected.',
    'deal.returned': 'A deal registration was returned for correction.',
    'deal.converted': 'A deal registration became an opportunity.',
    'deal.expired': "A deal registration's protection is over.",
    'deal.won': 'A deal was won.',
    'deal.lost': 'A deal was lost.',
    'deal.withdrawn': 'A deal registration was withdrawn.',
    'deal.reopened': 'A deal that was won is open again.',
    'deal.extended': 'The protection of a deal was extended.',
    'deal.evidence_added': 'Evidence was added to a deal registration.',
    'deal.protection_ended': 'The protection of a deal has ended.',
    'deal.protection_expiring': 'The protection of a deal ends soon.',
    'deal.decision_overdue': 'A decision on a deal registration is overdue.',
    'opportunity.created': 'An opportunity was opened.',
    'opportunity.changed': 'An opportunity was changed.',
    'opportunity.won': 'An opportunity was won.',
    'opportunity.lost': 'An opportunity was lost.',
    'opportunity.reopened': 'An opportunity is open again.',
    'lead.created': 'A lead was made.',
    'lead.assigned': 'A lead was assigned to a partner.',
    'lead.unassigned': 'A lead went back to who made it.',
    'lead.taken_back': 'A lead was taken back from a partner.',
    'lead.accepted': 'A lead was accepted.',
    'lead.declined': 'A lead was declined.',
    'lead.timed_out': 'A lead was not answered in time.',
    'lead.converted': 'A lead became a deal registration.',
    'lead.disqualified': 'A lead was disqualified.',
    'co_sell.invited': 'A company was invited to sell together.',
    'co_sell.activated': 'Two companies sell together.',
    'co_sell.declined': 'An invitation to sell together was declined.',
    'co_sell.shared': 'Other fields of an engagement are shared.',
    'co_sell.noted': 'A note was added to an engagement.',
    'co_sell.closed': 'An engagement was closed.',
    'customer.reserved': 'A customer was reserved by the platform company.',
    'customer.released': 'A reserved customer was released.',
    'sales_territory.set': 'A sales territory was defined.',
    'deal_program.set': 'The terms of deal registration for a product family were set.',
  }),
  ...of('inventory:read', {
    'inventory.adjusted': 'The stock of a SKU at a location has changed.',
    'reservation.held': 'Stock was reserved.',
    'reservation.committed': 'A reservation was committed to an order.',
    'reservation.fulfilled': 'A reservation was shipped.',
    'reservation.released': 'A reservation was released.',
    'reservation.expired': 'A reservation has expired.',
    'reservation.extended': 'A reservation was extended.',
    'reservation.refused': 'Stock for a deal could not be reserved.',
    'allocation.created': 'Stock was set aside for an organization.',
    'allocation.changed': 'Stock that is set aside for an organization was changed.',
    'location.opened': 'A location was opened.',
    'location.changed': 'A location was changed.',
    'shipment.announced': 'Goods are announced.',
    'shipment.dispatched': 'Goods are on their way.',
    'shipment.received': 'Goods have arrived, in part or in whole.',
    'shipment.rescheduled': 'Goods will arrive at another time.',
    'shipment.cancelled': 'Announced goods will not come.',
  }),
  ...of('billing:read', {
    'plan.changed': 'A plan was made, changed or archived.',
    'plan_subscription.changed': 'An app has another plan.',
    'plan_request.made': 'Another plan was asked for.',
    'plan_request.approved': 'A requested plan was approved.',
    'plan_request.rejected': 'A requested plan was rejected.',
    'plan_request.withdrawn': 'A request for a plan was withdrawn.',
    'quota.threshold_reached': 'A quota is used up to one of its thresholds.',
    'invoice.issued': 'An invoice was issued.',
    'invoice.paid': 'An invoice was paid in full.',
    'invoice.voided': 'An invoice was voided.',
    'commission.accrued': 'A commission was accrued.',
    'commission.approved': 'A commission was approved.',
    'commission.paid': 'A commission was paid.',
    'commission.reversed': 'A commission was reversed.',
    'revenue_share.accrued': 'A share of revenue was accrued.',
    'payout.created': 'A payout was drawn up.',
    'payout.paid': 'A payout was paid.',
    'payout.failed': 'A payout has failed.',
  }),
])

/** Every public type with what may be known of it, by name. */
export const publicEventTypes: readonly (EventTypeInfo & { readonly name: string })[] = [...eventTypes]
  .map(([name, info]) => ({ name, ...info }))
  .toSorted((a, b) => (a.name < b.name ? -1 : 1))

/** What may be known of a type; undefined for one that stays inside. */
export function eventTypeInfo(type: string): EventTypeInfo | undefined {
  return eventTypes.get(type)
}

const shippedPrefixes: ReadonlySet<string> = new Set([...eventTypes.keys()].map(prefixOfEventType))

/** What stands before the first dot of a type: for a published subgraph's, its name. */
export function prefixOfEventType(type: string): string {
  return type.slice(0, Math.max(0, type.indexOf('.')))
}

/** Whether types that begin as this one does come with the product, so that no published subgraph may declare it. */
export function isShippedEventType(type: string): boolean {
  return shippedPrefixes.has(prefixOfEventType(type))
}

/** The types that someone with these scopes may read, all or those of `wanted`. */
export function readableTypes(scopes: readonly string[], wanted?: readonly string[] | null): string[] {
  const names = wanted ?? [...eventTypes.keys()]
  return [...new Set(names)].filter((name) => scopes.includes(eventTypes.get(name)?.scope ?? ''))
}

/** Parts of an event's data that ask for more than its type does: any of these scopes. */
const guardedData: ReadonlyMap<string, Readonly<Record<string, readonly string[]>>> = new Map([
  // As `InventoryChange.delta`: how many units there are is a matter of the tier.
  [
    'inventory.adjusted',
    {
      delta: ['inventory:quantities', 'inventory:write'],
      available: ['inventory:quantities', 'inventory:write'],
    },
  ],
])

/** What someone with these scopes may read of an event's data. */
export function readableData(
  { type, data }: { readonly type: string; readonly data: Readonly<Record<string, unknown>> },
  scopes: readonly string[],
): Readonly<Record<string, unknown>> {
  const guarded = guardedData.get(type)
  if (guarded === undefined) return data
  return Object.fromEntries(
    Object.entries(data).filter(([name]) => guarded[name]?.some((scope) => scopes.includes(scope)) ?? true),
  )
}
