import type { ClientSession } from 'mongoose'
import type { PartnerModels } from '../../models.ts'
import type { WebhookDisabledReason, WebhookEndpoint } from '../endpoints.ts'

const reasons: Readonly<Record<WebhookDisabledReason, string>> = {
  OWNER: 'you have disabled it.',
  RETRIES_EXHAUSTED: 'it took an event in none of the ten attempts that we made within three days.',
  GONE: 'it answered 410 Gone, by which a receiver says that it wants no more.',
  APP_REVOKED: 'its app was revoked.',
}

/** Writes to the administrators of an organization that an endpoint gets no more events, in the transaction that disables it. */
export async function tellOwner(
  { members, mails }: Pick<PartnerModels, 'members' | 'mails'>,
  { organizationId, url, disabledReason }: WebhookEndpoint,
  { session, now }: { readonly session: ClientSession; readonly now: Date },
): Promise<void> {
  for (const { name, email } of await members.activeAdmins(session, organizationId)) {
    const facts = { name, url, reason: reasons[disabledReason ?? 'OWNER'] }
    await mails.add(session, { kind: 'webhook-disabled', to: email, facts }, now)
  }
}
