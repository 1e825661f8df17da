import type { BackgroundContext } from '../../kit/background.ts'
import type { BillingModels } from './models/billing-models.ts'

/** What work on billing's documents needs, whether a caller, a timer or an event asks for it. */
export type BillingWork = Pick<BackgroundContext<BillingModels>, 'models' | 'events' | 'now'>
