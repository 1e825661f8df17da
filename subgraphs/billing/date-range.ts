/** The condition of a moment being from one on and before another; `{}` where neither is given. */
export function range(
  field: string,
  from: Date | null | undefined,
  to: Date | null | undefined,
): Readonly<Record<string, unknown>> {
  if (!from && !to) return {}
  return { [field]: { ...(from ? { $gte: from } : {}), ...(to ? { $lt: to } : {}) } }
}
