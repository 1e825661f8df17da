/** A value as the audit log keeps it. */
export type AuditedValue = string | number | boolean | null

const secretField = /secret|hash|password|token|key|cipher|seal|salt|digest|bytes/i
/** Ids, states, moments and codes. Whatever else is a text may be somebody's name, address or secret. */
const plainText = /^(?:[a-z]{2,8}_[0-9a-z]{1,40}|[A-Z][A-Z0-9_]{0,60}|\d{4}-\d\d(?:-\d\d(?:T[\d:.]+Z)?)?)$/

/** The name of a scope, such as `deals:read`. */
const scopeName = /^[a-z]{1,20}:[a-z]{1,20}$/

/**
 * What may be kept of a changed value: numbers, flags, moments, ids, states, amounts and scopes. That a field was changed is
 * always told; free text is not, and nothing of a field that is named like a secret.
 */
export function auditedValue(field: string, value: unknown): AuditedValue {
  if (secretField.test(field)) return null
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'string') return plainText.test(value) ? value : null
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' && scopeName.test(one)))
    return value.join(' ')
  if (isMoney(value)) return `${value.minorUnits} ${value.currencyCode}`
  return null
}

function isMoney(value: unknown): value is { readonly minorUnits: number; readonly currencyCode: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'minorUnits' in value &&
    typeof value.minorUnits === 'number' &&
    'currencyCode' in value &&
    typeof value.currencyCode === 'string'
  )
}
