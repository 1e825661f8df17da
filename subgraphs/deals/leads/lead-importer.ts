import { isDeepStrictEqual } from 'node:util'
import type { ClientSession } from 'mongoose'
import type { ImportColumn, ImportContext, ImportLine, ImportRefusal, Importer } from '../../../kit/background.ts'
import { MutationRefused, type UserError } from '../../../storage/mutate.ts'
import type { DealModels } from '../models.ts'
import { leadEvent } from './events.ts'
import type { LeadDocument } from './lead-document.ts'
import { type LeadContent, type LeadInput, checkLeadInput, newLead } from './lead-input.ts'

const column = (name: string, description: string, required = false): ImportColumn => ({
  name,
  description,
  required,
  type: 'text',
})

/** Where the parts of an input stand in a line. */
const columnOfField: Readonly<Record<string, string>> = {
  'customer.name': 'customerName',
  'customer.domain': 'customerDomain',
  'customer.taxId': 'customerTaxId',
  'customer.country': 'country',
  'contact.name': 'contactName',
  'contact.email': 'contactEmail',
  'contact.phone': 'contactPhone',
}

/** Leads in bulk: new ones are taken in, known ones are renewed while no partner has them. */
export const leadImporter: Importer<DealModels> = {
  kind: 'leads',
  description: 'A lead, to be assigned to a partner; found again by externalId.',
  scope: 'deals:decide',
  columns: [
    column('externalId', 'How the system that it comes from names it, at most 200 characters.', true),
    column('customerName', "The customer's registered name.", true),
    column('country', "The customer's country as an ISO 3166-1 alpha-2 code.", true),
    column('customerDomain', "The customer's internet domain."),
    column('customerTaxId', "The customer's tax number."),
    column('contactName', 'Whom to speak with.', true),
    column('contactEmail', 'Their e-mail address.'),
    column('contactPhone', 'Their telephone number.'),
    column('family', 'The product family that the customer asked about.'),
    column('productId', 'The product that the customer asked about.'),
    column('estimatedValue', 'What it may be worth, as a decimal text such as 25000.00.'),
    column('currencyCode', 'The currency of that, as its ISO 4217 code.'),
    column('note', 'What the partner should know, before it accepts too.'),
  ],
  async apply(context, lines, session) {
    if (!context.caller.operator) return lines.map(notForPartners)
    const refusals: ImportRefusal[] = []
    const checked = new Map<string, ReturnType<typeof checkLeadInput>>()
    const wanted = lines.map(({ values }) => values['productId']).filter((id) => typeof id === 'string')
    const products = await context.models.knownProducts.existing(session, [...new Set(wanted)])
    for (const line of lines) {
      try {
        const lead = checkLeadInput(inputOf(line))
        if (lead.productId !== null && !products.has(lead.productId)) {
          refusals.push(refusalOf(line, unknownProduct))
          continue
        }
        // Of lines with one externalId the last one counts, as it would in two files.
        if (lead.externalId !== null) checked.set(lead.externalId, lead)
      } catch (error) {
        if (!(error instanceof MutationRefused)) throw error
        refusals.push(...error.userErrors.map((cause) => refusalOf(line, cause)))
      }
    }
    await store(context, checked, session)
    return refusals
  },
}

async function store(
  { models, events, caller, now }: ImportContext<DealModels>,
  checked: ReadonlyMap<string, ReturnType<typeof checkLeadInput>>,
  session: ClientSession,
): Promise<void> {
  const known = new Map(
    (await models.leads.byExternalIds(session, [...checked.keys()])).map((lead) => [lead.externalId, lead]),
  )
  const at = now()
  const createdBy = caller.organizationId
  const fresh: LeadDocument[] = []
  const changes = new Map<string, LeadContent & { readonly updatedAt: Date }>()
  for (const [externalId, lead] of checked) {
    const before = known.get(externalId)
    const { externalId: _, ...content } = lead
    if (before === undefined) fresh.push(newLead(lead, { createdBy, now: at }))
    else if (before.state === 'NEW' && differs(before, content)) changes.set(before._id, { ...content, updatedAt: at })
  }
  if (changes.size > 0) await models.leads.changeNew(session, changes)
  if (fresh.length === 0) return
  await models.leads.insert(fresh, session)
  const created = fresh.map((lead) => leadEvent('lead.created', lead, { organizationId: createdBy }))
  await events.append(session, ...created)
}

function inputOf({ values }: ImportLine): LeadInput {
  const textOf = (name: string): string | null => {
    const value = values[name]
    return typeof value === 'string' && value !== '' ? value : null
  }
  const amount = textOf('estimatedValue')
  return {
    externalId: textOf('externalId'),
    customer: {
      name: textOf('customerName') ?? '',
      domain: textOf('customerDomain'),
      taxId: textOf('customerTaxId'),
      country: textOf('country') ?? '',
    },
    contact: { name: textOf('contactName') ?? '', email: textOf('contactEmail'), phone: textOf('contactPhone') },
    family: textOf('family'),
    productId: textOf('productId'),
    estimatedValue: amount === null ? null : { amount, currencyCode: textOf('currencyCode') ?? '' },
    note: textOf('note'),
  }
}

/** False when applying the line again would change nothing. */
function differs(before: LeadDocument, content: LeadContent): boolean {
  return (Object.keys(content) as (keyof LeadContent)[]).some((part) => !isDeepStrictEqual(before[part], content[part]))
}

function refusalOf(line: ImportLine, { code, field, message }: UserError): ImportRefusal {
  const path = field?.slice(1).join('.') ?? ''
  return { line: line.number, column: columnOfField[path] ?? (path || null), code, message }
}

const unknownProduct: UserError = {
  code: 'PRODUCT_NOT_FOUND',
  field: ['input', 'productId'],
  message: 'There is no product of this id.',
}

function notForPartners({ number: line }: ImportLine): ImportRefusal {
  return { line, column: null, code: 'FORBIDDEN', message: 'Only the platform operator takes in leads.' }
}
