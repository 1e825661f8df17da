import type { NewEvent } from '../../../kit/events.ts'
import type { Plan } from './plan.ts'

/** The event of a plan that was made, changed or archived. Partners learn only of plans that they may see. */
export function planChanged({ _id, handle, visibility, status, isDefault, version }: Plan): NewEvent {
  // No organization has this id: what nobody may list, nobody learns of, but the operator.
  const audience = visibility === 'HIDDEN' ? ['operator'] : []
  return { type: 'plan.changed', subject: _id, audience, data: { handle, visibility, status, isDefault, version } }
}
