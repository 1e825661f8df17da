import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkText, createInputErrors } from '../input-errors.ts'
import { changeEngagement, readEngagement } from './change-engagement.ts'

export interface AddCoSellNoteInput extends CommandTarget {
  readonly text: string
  readonly private?: boolean | null
}

const mostNotes = 100

/** Writes a note into an active engagement, for both sides or for the own one alone. */
export async function addCoSellNote(
  context: DealContext,
  input: AddCoSellNoteInput,
  session: ClientSession,
): Promise<string> {
  const errors = createInputErrors()
  const text = checkText(input.text, { field: 'text', longest: 2_000 }, errors)
  if (text === null) errors.add(['text'], 'A note is not empty.')
  errors.check()
  const engagement = await readEngagement(context, input, session)
  if (engagement.state !== 'ACTIVE' || text === null) {
    const message = `The engagement is ${engagement.state}; notes are written in ACTIVE ones only.`
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], message)
  }
  if (engagement.notes.length >= mostNotes) {
    throw refuse('TOO_MANY_NOTES', ['input', 'text'], `An engagement has at most ${mostNotes} notes.`)
  }
  const { organizationId } = context.caller
  const hidden = input.private ?? false
  const notes = [...engagement.notes, { organizationId, text, private: hidden, at: context.now() }]
  const audience = hidden ? [organizationId] : [engagement.ownerId, engagement.guestId]
  await changeEngagement(context, session, { engagement, type: 'co_sell.noted', changes: { notes }, audience })
  return engagement._id
}
