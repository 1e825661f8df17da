import { createGroupedMutation } from '../../../storage/mutate-in-groups.ts'
import { type MutationOutcome, MutationRefused, refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, checkTarget } from '../../../storage/command-target.ts'
import type { InventoryContext } from '../inventory-context.ts'
import type { ReservationDocument } from './reservation-model.ts'
import { type ReservationState, reservationStateMachine } from './reservation-state.ts'
import { type Settlement, settleReservations } from './settle-reservations.ts'

/** A mutation that brings one reservation into a state; calls for one level are done together. */
export function createReservationMove(name: string, state: ReservationState) {
  const moveInGroups = createGroupedMutation<InventoryContext, CommandTarget & { readonly levelId: string | null }>({
    name,
    mostCalls: 100,
    mostKeys: 1_000,
    mostGroups: 4,
    keysOf: ({ id, levelId }) => (levelId === null ? [id] : [id, levelId]),
    async work(calls, session) {
      const [first] = calls
      if (!first) return []
      const { models } = first.context
      const read = await models.reservations.anyByIds(
        calls.map(({ input }) => input.id),
        session,
      )
      const byId = new Map(read.map((reservation) => [reservation._id, reservation]))
      const settlements: Settlement[] = []
      const outcomes = calls.map(({ context, input }): MutationOutcome => {
        try {
          const reservation = checkMove(context, byId.get(input.id), input, state)
          settlements.push({ reservation, state, actor: context.caller })
          // The same one may be asked for again in this group.
          byId.set(input.id, { ...reservation, state, version: reservation.version + 1 })
          return { id: input.id, userErrors: [] }
        } catch (error) {
          if (error instanceof MutationRefused) return { id: null, userErrors: error.userErrors }
          throw error
        }
      })
      await settleReservations(first.context, settlements, session)
      return outcomes
    },
  })
  return async (
    context: InventoryContext,
    call: { input: CommandTarget; idempotencyKey?: string | null | undefined },
  ) => {
    // Read to know whom to queue with; the transaction reads it again.
    const [seen] = await context.models.reservations.byIds(context.caller, [call.input.id])
    return moveInGroups(context, { ...call, input: { ...call.input, levelId: seen?.levelId ?? null } })
  }
}

/** The reservation, when the caller may bring it into the state now. */
function checkMove(
  { caller, now }: InventoryContext,
  found: ReservationDocument | undefined,
  input: CommandTarget,
  state: ReservationState,
): ReservationDocument {
  const visible = found && (caller.operator || found.organizationId === caller.organizationId) ? found : undefined
  const reservation = checkTarget('reservation', visible, input)
  const illegal = reservationStateMachine.refusal(reservation.state, state)
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
  if (reservation.state === 'HELD' && state === 'COMMITTED' && reservation.expiresAt <= now()) {
    throw refuse('RESERVATION_EXPIRED', ['input', 'id'], 'The reservation was held until a moment ago; reserve anew.')
  }
  return reservation
}
