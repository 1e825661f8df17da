import { type MoneyInput, parseMoney } from '../../../kit/money.ts'
import { createId } from '../../../kit/ids.ts'
import { searchWords } from '../../../storage/search.ts'
import { type CustomerInput, checkCustomer } from '../customers/check-customer.ts'
import { checkText, createInputErrors } from '../input-errors.ts'
import type { LeadDocument } from './lead-document.ts'

/** What is known of a lead when it comes in. */
export interface LeadInput {
  readonly externalId?: string | null
  readonly customer: CustomerInput
  readonly contact: { readonly name: string; readonly email?: string | null; readonly phone?: string | null }
  readonly family?: string | null
  readonly productId?: string | null
  readonly estimatedValue?: MoneyInput | null
  readonly note?: string | null
}

export type LeadContent = Pick<
  LeadDocument,
  'customer' | 'contact' | 'family' | 'productId' | 'estimatedValue' | 'note' | 'searchWords'
>

/** The checked parts of an input, or a refusal that tells everything that is wrong with it. */
export function checkLeadInput(input: LeadInput): LeadContent & { readonly externalId: string | null } {
  const errors = createInputErrors()
  const externalId = checkText(input.externalId, { field: 'externalId', longest: 200 }, errors)
  const customer = checkCustomer(input.customer, errors)
  const name = input.contact.name.trim()
  if (name.length < 1 || name.length > 200) errors.add(['contact', 'name'], 'A name has 1 to 200 characters.')
  const email = input.contact.email?.trim() || null
  if (email !== null && (email.length > 254 || !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email))) {
    errors.add(['contact', 'email'], 'This is no e-mail address, such as kim@acme.example.')
  }
  const phone = input.contact.phone?.trim() || null
  if (phone !== null && !/^\+?[0-9 ()/.-]{3,40}$/.test(phone)) {
    errors.add(['contact', 'phone'], 'A telephone number has 3 to 40 digits, spaces and signs, such as +49 30 901820.')
  }
  const family = checkText(input.family, { field: 'family', longest: 100 }, errors)
  const productId = checkText(input.productId, { field: 'productId', longest: 60 }, errors)
  const note = checkText(input.note, { field: 'note', longest: 2_000 }, errors)
  const estimatedValue = input.estimatedValue ? parseMoney(input.estimatedValue) : null
  if (input.estimatedValue && estimatedValue === null) {
    errors.add(['estimatedValue'], 'An amount is a decimal text such as 25000.00 with its ISO 4217 currency.')
  }
  errors.check()
  const words = searchWords(customer.name, customer.domain, name, email, family)
  return {
    externalId,
    customer,
    contact: { name, email, phone },
    family,
    productId,
    estimatedValue,
    note,
    searchWords: words,
  }
}

/** A new lead that no partner has yet. */
export function newLead(
  { externalId, ...content }: ReturnType<typeof checkLeadInput>,
  { createdBy, now }: { readonly createdBy: string; readonly now: Date },
): LeadDocument {
  const _id = createId('Lead')
  return {
    ...content,
    _id,
    externalId: externalId ?? _id,
    createdBy,
    organizationId: null,
    state: 'NEW',
    candidates: [],
    acceptHours: 0,
    acceptDueAt: null,
    acceptedAt: null,
    passedOn: null,
    closeReason: null,
    dealId: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
}
