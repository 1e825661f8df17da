import type { Connection } from 'mongoose'
import type { Background } from '../kit/background.ts'
import { cutAudit } from '../storage/audit.ts'

const dayMs = 24 * 60 * 60 * 1000
const mostAtOnce = 1_000

/** The timer that removes entries of the audit log which are older than an installation keeps them. */
export function auditRetention(
  connection: Connection,
  options: { readonly days: number; readonly now: () => Date },
): Background['timers'][number] {
  return {
    name: 'audit-retention',
    run: () => cutAudit(connection, new Date(options.now().getTime() - options.days * dayMs), mostAtOnce),
  }
}
