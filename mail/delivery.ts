import type { Connection } from 'mongoose'
import type { Logger } from '../kit/log.ts'
import { mailLink } from '../kit/mail-links.ts'
import { prepareModels } from '../storage/documents.ts'
import { type Mail, composeMail } from './compose-mail.ts'
import { type MailQueue, type QueuedMail, createMailQueue } from './mail-queue.ts'
import type { Mailer } from './mailer.ts'
import { type MailContent, templates } from './templates.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs
const everyMs = secondMs
/** How long whoever has claimed a mail may take; after that it counts as dead, and another sends it. */
const claimedMs = 2 * minuteMs
/** When to try again, by attempt; the last holds for all further ones. */
const delaysMs = [5 * secondMs, 30 * secondMs, 2 * minuteMs, 10 * minuteMs, 60 * minuteMs] as const
/** A refusal (5xx) may be a server's mistake for a while: after so many attempts it is believed. */
const mostRefusals = 5

export interface DeliveryOptions {
  readonly connection: Connection
  readonly mailer: Mailer
  /** Signs the tickets of links. */
  readonly ticketKey: Uint8Array
  /** The public origin that links lead to. */
  readonly origin: () => string
  readonly log: Logger
  readonly now: () => Date
}

/** Sends what is due, one after another; answers how many were sent. Stops for this time at a server that is not there. */
export async function deliverDueMails(options: DeliveryOptions & { readonly queue: MailQueue }): Promise<number> {
  const { queue, mailer, now, log } = options
  for (let sent = 0; ; sent += 1) {
    const mail = await queue.claim(now(), new Date(now().getTime() + claimedMs))
    if (mail === null) return sent
    try {
      await mailer.send(write(mail, options))
    } catch (error) {
      const refused = isRefusal(error)
      const last = refused && mail.attempts >= mostRefusals
      const delay = delaysMs[Math.min(mail.attempts, delaysMs.length) - 1] ?? minuteMs
      await queue.failed(mail, reasonOf(error), last ? null : new Date(now().getTime() + delay))
      const told = { mail: mail._id, kind: mail.kind, attempts: mail.attempts, reason: reasonOf(error) }
      if (last) log.error(told, 'a mail was refused for good; it stays in mail_queue')
      else log.warn(told, 'a mail could not be sent; it is tried again')
      if (!refused) return sent
      continue
    }
    await queue.sent(mail)
  }
}

/** Sends mails until it is closed. Any number of processes may; each mail is claimed by one of them at a time. */
export function startMailDelivery(options: DeliveryOptions): { close(): Promise<void> } {
  const queue = createMailQueue(options.connection)
  let closed = false
  let waiting: NodeJS.Timeout | undefined
  const tick = async (): Promise<void> => {
    try {
      await deliverDueMails({ ...options, queue })
    } catch (error) {
      options.log.error({ err: error }, 'mails could not be looked for; this is tried again')
    }
    if (!closed) schedule()
  }
  const schedule = (): void => {
    waiting = setTimeout(() => {
      round = tick()
    }, everyMs).unref()
  }
  let round = prepareModels([queue.model]).then(tick, (error: unknown) => {
    options.log.error({ err: error }, 'the queue of mails could not be made')
    schedule()
  })
  return {
    async close() {
      closed = true
      clearTimeout(waiting)
      await round
      await options.mailer.close()
    },
  }
}

function write(mail: QueuedMail, { ticketKey, origin, now }: DeliveryOptions): Mail {
  const { _id: id, kind, to, facts, link, linkSubject } = mail
  const template = templates[kind] as (facts: unknown) => MailContent
  const path =
    link === null || linkSubject === null
      ? undefined
      : mailLink(ticketKey, link, { subject: linkSubject, issuedAt: now() })
  return composeMail({ id, to, content: template(JSON.parse(facts)) }, path && `${origin()}${path}`)
}

/** A server that answered and said no for good, unlike one that is not there or asks to come again. */
function isRefusal(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'responseCode' in error ? error.responseCode : undefined
  return typeof code === 'number' && code >= 500
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500)
}
