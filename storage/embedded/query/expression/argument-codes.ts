// oxlint-disable unicorn/no-thenable -- `then` is an argument of $cond and $switch
import type { ErrorCodeName } from '../../errors.ts'

/** MongoDB's codes for named arguments: not a document, an unknown one, a missing one by its name. */
export type ArgumentCodes = {
  notDocument?: ErrorCodeName
  unknown?: ErrorCodeName
  missing?: Readonly<Record<string, ErrorCodeName>>
}

/** The operators that have codes of their own; the others answer FailedToParse. */
export const argumentCodes: Readonly<Record<string, ArgumentCodes | undefined>> = {
  $cond: {
    unknown: 'Location17083',
    missing: { if: 'Location17080', then: 'Location17081', else: 'Location17082' },
  },
  $dateToString: { notDocument: 'Location18629', unknown: 'Location18534', missing: { date: 'Location18628' } },
  $filter: {
    notDocument: 'Location28646',
    unknown: 'Location28647',
    missing: { input: 'Location28648', cond: 'Location28650' },
  },
  $let: {
    notDocument: 'Location16874',
    unknown: 'Location16875',
    missing: { vars: 'Location16876', in: 'Location16877' },
  },
  $map: {
    notDocument: 'Location16878',
    unknown: 'Location16879',
    missing: { input: 'Location16880', in: 'Location16882' },
  },
  $reduce: {
    notDocument: 'Location40075',
    unknown: 'Location40076',
    missing: { input: 'Location40077', initialValue: 'Location40078', in: 'Location40079' },
  },
  $switch: { notDocument: 'Location40060', unknown: 'Location40067', missing: { branches: 'Location40068' } },
  '$switch branch': {
    notDocument: 'Location40062',
    unknown: 'Location40063',
    missing: { case: 'Location40064', then: 'Location40065' },
  },
  $zip: { notDocument: 'Location34460', unknown: 'Location34464', missing: { inputs: 'Location34465' } },
}
