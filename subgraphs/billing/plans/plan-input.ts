import { createId, isIdOf } from '../../../kit/ids.ts'
import type { Money } from '../../../kit/money.ts'
import { refuse } from '../../../storage/mutate.ts'
import { type MoneyInput, parseMoney } from '../money/parse-money.ts'
import { type FieldLimit, type PlanLimits, withoutLimits } from './plan.ts'
import type { PricingRule, PricingScheme, RevenueShareTerms } from './pricing-rule.ts'

export interface PricingRuleInput {
  readonly meter: string
  readonly scheme: PricingScheme
  readonly includedUnits?: number | null
  readonly unitsPerPrice?: number | null
  readonly price?: string | null
  readonly tiers?: readonly { readonly upTo?: number | null; readonly price: string }[] | null
  readonly revenueShare?: RevenueShareTerms | null
}

/** Limits as a client gives them: what is left out is unlimited. */
export type PlanLimitsInput = Pick<PlanLimits, 'bucketSize' | 'restoreRate' | 'maxQueryCost' | 'readOnly'> & {
  readonly [Name in keyof typeof withoutLimits]?: PlanLimits[Name] | null
}

const mostFieldLimits = 20
const longestWindowSeconds = 31 * 24 * 60 * 60
const mostRules = 20
const mostTiers = 20
const mostUnits = 1_000_000_000_000

/** The name of a meter: lower case with dashes, dots or colons. */
export const meterPattern = /^[a-z][a-z0-9:._-]{0,63}$/

/** An amount of the input in minor units; a text that is none is refused by the field's name. */
export function checkMoney(field: string, input: MoneyInput): Money {
  const money = parseMoney(input)
  if (money) return money
  const message = `\`${field}\` takes a decimal text such as 49.00 and an ISO 4217 currency, with its usual decimals.`
  throw refuse('INVALID_AMOUNT', ['input', field], message)
}

export function checkHandle(handle: string): string {
  if (/^[a-z0-9][a-z0-9-]{1,39}$/.test(handle)) return handle
  throw refuse('INVALID_HANDLE', ['input', 'handle'], 'A handle has 2 to 40 lower-case letters, digits and dashes.')
}

export function checkTrialDays(days: number): number {
  if (days >= 0 && days <= 90) return days
  throw refuse('INVALID_TRIAL', ['input', 'trialDays'], 'A trial has 0 to 90 days.')
}

export function checkLimits(input: PlanLimitsInput): PlanLimits {
  const limits: PlanLimits = { ...withoutLimits, ...withoutNulls(input) }
  const { endUserBucketSize, endUserRestoreRate, concurrentRequests, dailyCalls, monthlyCalls, openStreams } = limits
  const needed = [limits.bucketSize, limits.restoreRate, limits.maxQueryCost]
  const ones = [...needed, endUserBucketSize, endUserRestoreRate, concurrentRequests]
  if (ones.some((value) => value !== null && value < 1)) throw invalidLimits([], 'Limits are 1 or more.')
  if ([dailyCalls, monthlyCalls, openStreams].some((value) => value !== null && value < 0)) {
    throw invalidLimits([], 'Calls and streams are 0 or more.')
  }
  if ((endUserBucketSize === null) !== (endUserRestoreRate === null)) {
    throw invalidLimits(['endUserBucketSize'], 'endUserBucketSize and endUserRestoreRate belong together.')
  }
  if (limits.maxQueryCost > limits.bucketSize) {
    const message = 'One query may not cost more than the bucket holds; raise bucketSize or lower maxQueryCost.'
    throw invalidLimits(['maxQueryCost'], message)
  }
  checkFieldLimits(limits.fieldLimits)
  return limits
}

function checkFieldLimits(fields: readonly FieldLimit[]): void {
  if (fields.length > mostFieldLimits)
    throw invalidLimits(['fieldLimits'], `A plan limits at most ${mostFieldLimits} fields.`)
  for (const [index, { coordinate, calls, windowSeconds }] of fields.entries()) {
    const sound = /^[A-Z]\w{0,99}\.[a-z]\w{0,99}$/.test(coordinate) && calls >= 0
    if (sound && windowSeconds >= 1 && windowSeconds <= longestWindowSeconds) continue
    const message = 'A field is named like `Query.products`, its calls are 0 or more, its window 1 second to 31 days.'
    throw invalidLimits(['fieldLimits', String(index)], message)
  }
  if (new Set(fields.map(({ coordinate, windowSeconds }) => `${coordinate} ${windowSeconds}`)).size < fields.length) {
    throw invalidLimits(['fieldLimits'], 'A field has one limit per length of window.')
  }
}

function withoutNulls<Input extends object>(input: Input): { [Name in keyof Input]: NonNullable<Input[Name]> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null && value !== undefined)) as {
    [Name in keyof Input]: NonNullable<Input[Name]>
  }
}

function invalidLimits(field: readonly string[], message: string) {
  return refuse('INVALID_LIMITS', ['input', 'limits', ...field], message)
}

export function checkRevenueShare(
  field: readonly string[],
  share: RevenueShareTerms | null | undefined,
): RevenueShareTerms | null {
  if (!share) return null
  if (!isIdOf('Organization', share.organizationId) || share.basisPoints < 1 || share.basisPoints > 10_000) {
    const message = 'A revenue share names an organization and 1 to 10,000 basis points.'
    throw refuse('INVALID_REVENUE_SHARE', field, message)
  }
  return { organizationId: share.organizationId, basisPoints: share.basisPoints }
}

/** The pricing rules of a plan in its currency, with ids of their own; a meter may have one rule. */
export function checkPricing(rules: readonly PricingRuleInput[], currencyCode: string): PricingRule[] {
  if (rules.length > mostRules) throw invalid([], `A plan has at most ${mostRules} pricing rules.`)
  if (new Set(rules.map(({ meter }) => meter)).size < rules.length) throw invalid([], 'A meter has one rule only.')
  return rules.map((rule, index) => checkRule(rule, currencyCode, String(index)))
}

function checkRule(rule: PricingRuleInput, currencyCode: string, at: string): PricingRule {
  const { meter, scheme, tiers = null, price = null } = rule
  const includedUnits = rule.includedUnits ?? 0
  const unitsPerPrice = rule.unitsPerPrice ?? 1
  if (!meterPattern.test(meter)) throw invalid([at, 'meter'], 'A meter is named in lower case, such as `calls`.')
  if (!isUnits(includedUnits) || !isUnits(unitsPerPrice) || unitsPerPrice < 1) {
    throw invalid([at], `Units are whole numbers up to ${mostUnits}, and a price is for 1 or more.`)
  }
  const tiered = scheme === 'GRADUATED' || scheme === 'VOLUME'
  if (tiered === (tiers === null) || tiered !== (price === null)) {
    throw invalid([at], `${scheme} takes ${tiered ? '`tiers` and no `price`' : 'a `price` and no `tiers`'}.`)
  }
  return {
    id: createId('PricingRule'),
    meter,
    scheme,
    includedUnits,
    unitsPerPrice,
    priceMinorUnits: price === null ? 0 : checkPrice(price, currencyCode, [at, 'price']),
    tiers: checkTiers(tiers ?? [], currencyCode, at, tiered),
    revenueShare: checkRevenueShare(['input', 'pricing', at, 'revenueShare'], rule.revenueShare),
  }
}

function checkTiers(
  tiers: NonNullable<PricingRuleInput['tiers']>,
  currencyCode: string,
  at: string,
  tiered: boolean,
): PricingRule['tiers'] {
  if (!tiered) return []
  const ends = tiers.map(({ upTo }) => upTo ?? null)
  const ascending = ends.every((end, index) =>
    index === ends.length - 1 ? end === null : end !== null && isUnits(end) && end > (ends[index - 1] ?? 0),
  )
  if (tiers.length < 1 || tiers.length > mostTiers || !ascending) {
    throw invalid([at, 'tiers'], `1 to ${mostTiers} tiers whose \`upTo\` ascends; only the last one has none.`)
  }
  return tiers.map(({ price }, index) => ({
    upTo: ends[index] ?? null,
    priceMinorUnits: checkPrice(price, currencyCode, [at, 'tiers', String(index), 'price']),
  }))
}

function checkPrice(amount: string, currencyCode: string, field: readonly string[]): number {
  const money = parseMoney({ amount, currencyCode })
  if (money) return money.minorUnits
  throw invalid(field, `A price is a decimal text with the usual decimals of ${currencyCode}, such as 0.40.`)
}

function isUnits(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= mostUnits
}

function invalid(field: readonly string[], message: string) {
  return refuse('INVALID_PRICING', ['input', 'pricing', ...field], message)
}
