const dayMs = 24 * 60 * 60 * 1000

/** How long the platform company may take to decide. */
export const decisionMs = 2 * dayMs
/** How long an approved registration is protected. */
export const protectionMs = 90 * dayMs
/** By how much a protection can be extended, once. */
export const extensionMs = 60 * dayMs
/** How long a returned registration holds its customer while the partner completes it. */
export const resubmitMs = 14 * dayMs
/** What a reopened registration has left at least. */
export const reopenedMs = 14 * dayMs

/** How many days before the end of its protection a partner is told, the first notice first. */
const noticeDays = [14, 3] as const

/** When the next notice of a protection that ends then is due; null when none is ahead. */
export function nextNoticeAt(protectedUntil: Date, now: Date): Date | null {
  return noticeTimes(protectedUntil).find((time) => time >= now) ?? null
}

/** Which notice was due at that time, in days before the end, and when the one after it is due. */
export function noticeAt(protectedUntil: Date, time: Date): { readonly daysLeft: number; readonly next: Date | null } {
  return {
    daysLeft: Math.round((protectedUntil.getTime() - time.getTime()) / dayMs),
    next: noticeTimes(protectedUntil).find((other) => other > time) ?? null,
  }
}

function noticeTimes(protectedUntil: Date): Date[] {
  return noticeDays.map((days) => new Date(protectedUntil.getTime() - days * dayMs))
}
