import type { ImportLine, Importer } from '../../../kit/background.ts'
import type { BillingModels } from '../models/billing-models.ts'
import { acceptUsage } from './accept-usage.ts'
import type { ReportedUsage } from './usage-event.ts'

/** Usage events from a file; a line that was counted before is applied without an effect. */
export const importUsageEvents: Importer<BillingModels> = {
  kind: 'usage-events',
  description: 'Usage of apps by meter, counted once by `source` and `id` and accepted for 72 hours after its time.',
  scope: 'billing:manage',
  columns: [
    { name: 'source', type: 'text', required: true, description: 'Who measured, for example `translator-eu`.' },
    { name: 'id', type: 'text', required: true, description: 'The event at its source; never used for another one.' },
    { name: 'appId', type: 'text', required: true, description: 'The app that used, `app_…`.' },
    { name: 'meter', type: 'text', required: true, description: 'What was used, for example `translated-pages`.' },
    { name: 'quantity', type: 'integer', required: true, description: 'How much, 1 or more.' },
    { name: 'time', type: 'moment', required: true, description: 'When it was used.' },
  ],
  async apply(context, lines, session) {
    if (!context.caller.operator) return lines.map(({ number }) => ({ line: number, column: null, ...operatorOnly }))
    const { refusals } = await acceptUsage(context, session, lines.map(toUsage))
    return refusals.map(({ index, code, field, message }) => ({
      line: lines[index]?.number ?? 0,
      column: field,
      code,
      message,
    }))
  },
}

const operatorOnly = { code: 'FORBIDDEN', message: 'Only the platform operator may import usage.' }

function toUsage({ values }: ImportLine): ReportedUsage {
  return {
    source: String(values['source']),
    id: String(values['id']),
    appId: String(values['appId']),
    meter: String(values['meter']),
    quantity: Number(values['quantity']),
    time: values['time'] instanceof Date ? values['time'] : new Date(Number.NaN),
  }
}
