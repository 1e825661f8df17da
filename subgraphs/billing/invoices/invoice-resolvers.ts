import type { ConnectionArgs } from '../../../kit/connection.ts'
import type { Resolvers } from '../../../kit/subgraph-definition.ts'
import type { MutationOutcome } from '../../../storage/mutate.ts'
import type { BillingContext } from '../billing-context.ts'
import { command } from '../command.ts'
import { idOf, organizationReference } from '../organization-reference.ts'
import { amountDue } from './invoice.ts'
import { type InvoiceFilter, invoiceCondition } from './invoice-filter.ts'
import { invoiceNumbers, issueInvoice } from './issue-invoice.ts'
import { recordPayment } from './record-payment.ts'
import { voidInvoice } from './void-invoice.ts'

interface ById {
  readonly id: string
}
type InvoiceArgs = ConnectionArgs & InvoiceFilter

const payload = ({ id, userErrors }: MutationOutcome, { loaders }: BillingContext) => ({
  invoice: id === null ? null : loaders.invoices.load(id),
  userErrors,
})

export const invoiceResolvers: Resolvers<BillingContext> = {
  Query: {
    invoices: (_: unknown, args: InvoiceArgs, { models, caller, now }: BillingContext) =>
      models.invoices.readPage(caller, invoiceCondition(args, now()), args),
    invoice: (_: unknown, { id }: ById, { loaders }: BillingContext) => loaders.invoices.load(id),
  },
  Mutation: {
    issueInvoice: command('issueInvoice', issueInvoice, payload, {
      operatorOnly: true,
      contended: () => [invoiceNumbers],
    }),
    recordPayment: command('recordPayment', recordPayment, payload, {
      operatorOnly: true,
      contended: ({ invoiceId }) => [invoiceId],
    }),
    voidInvoice: command('voidInvoice', voidInvoice, payload, { operatorOnly: true, contended: ({ id }) => [id] }),
  },
  Organization: {
    invoices: ({ id }: ById, args: InvoiceArgs, { loaders, now }: BillingContext) =>
      loaders.invoicesOfOrganization(id, args, invoiceCondition(args, now())),
  },
  Invoice: {
    id: idOf,
    organization: organizationReference,
    amountDue,
  },
}
