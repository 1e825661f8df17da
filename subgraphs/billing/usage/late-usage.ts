/** How long after its time usage may still arrive; invoices of a month are drawn up only after that. */
export const lateUsageMs = 72 * 60 * 60 * 1000

/** How far ahead of ours the clock of a source of usage may be. */
export const earlyUsageMs = 60 * 60 * 1000
