import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Mail } from './compose-mail.ts'

/** Takes mails over; a mail that it has taken is on its way. */
export interface Mailer {
  /** Where mails go, in words for a log. */
  readonly where: string
  send(mail: Mail): Promise<void>
  close(): Promise<void>
}

export interface MailerOptions {
  /** `smtp://user:password@host:587`; without it mails become files. */
  readonly smtpUrl?: string | undefined
  readonly from: string
  readonly dataDir: string
}

/** A server that is not there is given up soon: the mail waits in the queue, which costs nobody anything. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 } as const

/** SMTP where a server is configured; else one file a mail, for whoever tries the product. Loads nodemailer when first used. */
export function createMailer(options: MailerOptions): Mailer {
  return options.smtpUrl === undefined ? fileOutbox(options) : smtpMailer(options.smtpUrl, options.from)
}

function smtpMailer(smtpUrl: string, from: string): Mailer {
  const open = async () => {
    const { createTransport } = await import('nodemailer')
    return createTransport({ url: smtpUrl, ...timeouts })
  }
  let transport: ReturnType<typeof open> | undefined
  const { host } = new URL(smtpUrl)
  return {
    where: host,
    async send(mail) {
      transport ??= open()
      await (await transport).sendMail(messageOf(mail, from))
    },
    async close() {
      if (transport !== undefined) (await transport).close()
    },
  }
}

function fileOutbox({ dataDir, from }: MailerOptions): Mailer {
  const folder = resolve(dataDir, 'mail')
  let transport: ReturnType<typeof openFileTransport> | undefined
  return {
    where: folder,
    async send(mail) {
      transport ??= openFileTransport()
      const asItIs = { text: { raw: unbroken('plain', mail.text) }, html: { raw: unbroken('html', mail.html) } }
      const { message } = await (await transport).sendMail({ ...messageOf(mail, from), ...asItIs })
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const file = join(folder, `${mail.id}.eml`)
      // Whole or not there: somebody may be watching the folder. For its owner only, as its links are as good as keys.
      await writeFile(`${file}.part`, message as Buffer, { mode: 0o600 })
      await rename(`${file}.part`, file)
    },
    close: () => Promise.resolve(),
  }
}

/** For people who open the file: a link that is broken into lines cannot be followed. */
function unbroken(type: 'plain' | 'html', content: string): string {
  return `Content-Type: text/${type}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${content}`
}

async function openFileTransport() {
  const { createTransport } = await import('nodemailer')
  return createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
}

/**
 * The receiver goes as an object, so that nothing in it can be a second one, and nothing in the mail may name a file or
 * an address to be read.
 */
function messageOf({ id, to, subject, text, html }: Mail, from: string) {
  return {
    from,
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${id}@tributary>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
