import type { ClientSession, Connection } from 'mongoose'
import { createId } from '../kit/ids.ts'
import type { MailLink } from '../kit/mail-links.ts'
import { bindModel } from '../storage/documents.ts'
import type { MailFacts, MailKind } from './templates.ts'

/** A mail that is to be sent: what it is about. Its text and its link are made when it is sent, so neither is stored. */
export interface QueuedMail {
  readonly _id: string
  readonly kind: MailKind
  readonly to: string
  /** JSON of the template's facts. */
  readonly facts: string
  readonly link: MailLink | null
  readonly linkSubject: string | null
  readonly createdAt: Date
  /** When it is to be tried next; null when its receiver's server has refused it for good. */
  readonly due: Date | null
  readonly attempts: number
  readonly lastError: string | null
}

export interface NewMail<Kind extends MailKind = MailKind> {
  readonly kind: Kind
  readonly to: string
  readonly facts: MailFacts[Kind]
  /** The page that the mail leads to, with whom or what its ticket is for. */
  readonly link?: readonly [link: MailLink, subject: string]
}

/** Mails that wait; `add` takes part in the transaction that makes a mail true, so that both happen or neither. */
export function createMailQueue(connection: Connection) {
  const model = bindModel<QueuedMail>(connection, 'QueuedMail', {
    collection: 'mail_queue',
    fields: {
      kind: { type: String, required: true },
      to: { type: String, required: true },
      facts: { type: String, required: true },
      link: { type: String, default: null },
      linkSubject: { type: String, default: null },
      createdAt: { type: Date, required: true },
      due: { type: Date, default: null },
      attempts: { type: Number, required: true },
      lastError: { type: String, default: null },
    },
    indexes: [[{ due: 1 }]],
  })
  return {
    model,
    async add<Kind extends MailKind>(session: ClientSession | null, mail: NewMail<Kind>, now: Date): Promise<void> {
      const { kind, to, facts, link } = mail
      const [page = null, linkSubject = null] = link ?? []
      const queued: QueuedMail = {
        _id: createId('Mail'),
        kind,
        to,
        facts: JSON.stringify(facts),
        link: page,
        linkSubject,
        createdAt: now,
        due: now,
        attempts: 0,
        lastError: null,
      }
      await model.insertMany([queued], { session })
    },
    /** Claims the mail that is due longest until `until`, when it is due again for whoever is alive then. */
    claim: (now: Date, until: Date): Promise<QueuedMail | null> =>
      model
        .findOneAndUpdate(
          { due: { $ne: null, $lte: now } },
          { $set: { due: until }, $inc: { attempts: 1 } },
          { sort: { due: 1 }, returnDocument: 'after' },
        )
        .lean<QueuedMail>(),
    async sent({ _id }: QueuedMail): Promise<void> {
      await model.deleteOne({ _id })
    },
    /** Says why it was not sent, and when it is tried again; null when never. */
    async failed({ _id }: QueuedMail, lastError: string, due: Date | null): Promise<void> {
      await model.updateOne({ _id }, { $set: { lastError, due } })
    },
  }
}

export type MailQueue = ReturnType<typeof createMailQueue>
