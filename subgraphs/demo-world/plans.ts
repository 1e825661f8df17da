import { seededId } from '../../kit/ids.ts'

/** What usage beyond the price costs: a price for each unit, or for each package of units. */
interface DemoPrice {
  readonly meter: string
  readonly scheme: 'PER_UNIT' | 'PACKAGE'
  readonly includedUnits: number
  readonly unitsPerPrice: number
  readonly priceMinorUnits: number
  /** The slug of the publisher who has a share in it, and how much of it in basis points. */
  readonly share?: readonly [organization: string, basisPoints: number]
}

export interface DemoPlan {
  readonly id: string
  readonly handle: string
  readonly name: string
  readonly description: string
  readonly visibility: 'PUBLIC' | 'BY_REQUEST' | 'HIDDEN'
  readonly isDefault: boolean
  readonly monthlyPriceMinorUnits: number
  readonly trialDays: number
  readonly pricing: readonly DemoPrice[]
  readonly limits: DemoLimits
}

interface DemoLimits {
  readonly bucketSize: number
  /** Cost points that flow back per second. */
  readonly restoreRate: number
  readonly maxQueryCost: number
  /** Null: as many as the bucket allows; so for all below. */
  readonly dailyCalls: number | null
  readonly monthlyCalls: number | null
  readonly quotaMode: 'HARD' | 'SOFT'
  readonly endUserBucketSize: number | null
  readonly endUserRestoreRate: number | null
  readonly openStreams: number | null
  readonly concurrentRequests: number | null
  readonly fieldLimits: readonly {
    readonly coordinate: string
    readonly calls: number
    readonly windowSeconds: number
  }[]
  readonly readOnly: boolean
  readonly trustedDocumentsOnly: boolean
}

const unlimited = {
  dailyCalls: null,
  monthlyCalls: null,
  quotaMode: 'HARD',
  endUserBucketSize: null,
  endUserRestoreRate: null,
  openStreams: null,
  concurrentRequests: null,
  fieldLimits: [],
  readOnly: false,
  trustedDocumentsOnly: false,
} as const

type Fields = Omit<DemoPlan, 'id' | 'trialDays' | 'pricing'> & Partial<Pick<DemoPlan, 'trialDays' | 'pricing'>>

const plan = (fields: Fields): DemoPlan => ({
  id: seededId('Plan', fields.handle),
  trialDays: 0,
  pricing: [],
  ...fields,
})
/** What Thamesgate's translation of data sheets costs, a listed app of the demo. */
const translatedPages: DemoPrice = {
  meter: 'translated-pages',
  scheme: 'PACKAGE',
  includedUnits: 0,
  unitsPerPrice: 100,
  priceMinorUnits: 250,
  share: ['thamesgate', 7_000],
}
const calls = (includedUnits: number, priceMinorUnits: number): DemoPrice => ({
  meter: 'calls',
  scheme: 'PER_UNIT',
  includedUnits,
  unitsPerPrice: 1_000,
  priceMinorUnits,
})

/** The plans of the demo, smallest first. */
export const demoPlans: readonly DemoPlan[] = [
  plan({
    handle: 'trial',
    name: 'Trial',
    description: 'Try the graph with a small bucket. Reads only, 100 calls a month.',
    visibility: 'PUBLIC',
    isDefault: true,
    monthlyPriceMinorUnits: 0,
    limits: {
      ...unlimited,
      bucketSize: 1_000,
      restoreRate: 50,
      maxQueryCost: 500,
      monthlyCalls: 100,
      openStreams: 2,
      concurrentRequests: 10,
      readOnly: true,
    },
  }),
  plan({
    handle: 'growth',
    name: 'Growth',
    description: 'For a stock feed or a shop connector that is called all day.',
    visibility: 'PUBLIC',
    isDefault: false,
    monthlyPriceMinorUnits: 4_900,
    trialDays: 14,
    pricing: [calls(100_000, 40), translatedPages],
    limits: {
      ...unlimited,
      bucketSize: 5_000,
      restoreRate: 200,
      maxQueryCost: 2_000,
      monthlyCalls: 250_000,
      openStreams: 20,
      concurrentRequests: 100,
    },
  }),
  plan({
    handle: 'scale',
    name: 'Scale',
    description: 'For marketplaces and integrators that serve many end users.',
    visibility: 'BY_REQUEST',
    isDefault: false,
    monthlyPriceMinorUnits: 19_900,
    pricing: [calls(1_000_000, 25), translatedPages],
    limits: {
      ...unlimited,
      bucketSize: 10_000,
      restoreRate: 500,
      maxQueryCost: 5_000,
      monthlyCalls: 2_000_000,
      // Beyond it calls are paid for, not refused.
      quotaMode: 'SOFT',
      endUserBucketSize: 2_000,
      endUserRestoreRate: 100,
      openStreams: 100,
      concurrentRequests: 200,
    },
  }),
  plan({
    handle: 'partner-gold',
    name: 'Partner Gold',
    description: 'Included with the gold tier: a partner portal with deal registration.',
    visibility: 'BY_REQUEST',
    isDefault: false,
    monthlyPriceMinorUnits: 0,
    limits: { ...unlimited, bucketSize: 20_000, restoreRate: 1_000, maxQueryCost: 10_000, openStreams: 200 },
  }),
  plan({
    handle: 'internal',
    name: 'Internal',
    description: "For the platform company's own teams.",
    visibility: 'HIDDEN',
    isDefault: false,
    monthlyPriceMinorUnits: 0,
    limits: { ...unlimited, bucketSize: 200_000, restoreRate: 20_000, maxQueryCost: 50_000, openStreams: 1_000 },
  }),
]
