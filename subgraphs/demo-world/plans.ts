import { seededId } from '../../kit/ids.ts'

export interface DemoPlan {
  readonly id: string
  readonly handle: string
  readonly name: string
  readonly description: string
  readonly visibility: 'PUBLIC' | 'BY_REQUEST' | 'HIDDEN'
  readonly isDefault: boolean
  readonly monthlyPriceMinorUnits: number
  readonly limits: {
    readonly bucketSize: number
    /** Cost points that flow back per second. */
    readonly restoreRate: number
    readonly maxQueryCost: number
    /** Null: as many as the bucket allows. */
    readonly monthlyCalls: number | null
    readonly readOnly: boolean
  }
}

const plan = (fields: Omit<DemoPlan, 'id'>): DemoPlan => ({ id: seededId('Plan', fields.handle), ...fields })

/** The plans of the demo, smallest first. */
export const demoPlans: readonly DemoPlan[] = [
  plan({
    handle: 'trial',
    name: 'Trial',
    description: 'Try the graph with a small bucket. Reads only, 100 calls a month.',
    visibility: 'PUBLIC',
    isDefault: true,
    monthlyPriceMinorUnits: 0,
    limits: { bucketSize: 1_000, restoreRate: 50, maxQueryCost: 500, monthlyCalls: 100, readOnly: true },
  }),
  plan({
    handle: 'growth',
    name: 'Growth',
    description: 'For a stock feed or a shop connector that is called all day.',
    visibility: 'PUBLIC',
    isDefault: false,
    monthlyPriceMinorUnits: 4_900,
    limits: { bucketSize: 5_000, restoreRate: 200, maxQueryCost: 2_000, monthlyCalls: 250_000, readOnly: false },
  }),
  plan({
    handle: 'scale',
    name: 'Scale',
    description: 'For marketplaces and integrators that serve many end users.',
    visibility: 'BY_REQUEST',
    isDefault: false,
    monthlyPriceMinorUnits: 19_900,
    limits: { bucketSize: 10_000, restoreRate: 500, maxQueryCost: 5_000, monthlyCalls: 2_000_000, readOnly: false },
  }),
  plan({
    handle: 'partner-gold',
    name: 'Partner Gold',
    description: 'Included with the gold tier: a partner portal with deal registration.',
    visibility: 'BY_REQUEST',
    isDefault: false,
    monthlyPriceMinorUnits: 0,
    limits: { bucketSize: 20_000, restoreRate: 1_000, maxQueryCost: 10_000, monthlyCalls: null, readOnly: false },
  }),
  plan({
    handle: 'internal',
    name: 'Internal',
    description: "For the platform company's own teams.",
    visibility: 'HIDDEN',
    isDefault: false,
    monthlyPriceMinorUnits: 0,
    limits: { bucketSize: 200_000, restoreRate: 20_000, maxQueryCost: 50_000, monthlyCalls: null, readOnly: false },
  }),
]
