import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from 'mongoose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../../kit/log.ts'
import { deliverDueMails, startMailDelivery } from '../../mail/delivery.ts'
import { type MailQueue, createMailQueue } from '../../mail/mail-queue.ts'
import { type Mailer, createMailer } from '../../mail/mailer.ts'
import { prepareModels } from '../../storage/documents.ts'
import { readMail } from '../auth/outbox.ts'
import { openTestDatabase } from '../storage/test-database.ts'
import { type SmtpServer, startSmtpServer } from './smtp-server.ts'

const from = 'Tributary <no-reply@tributary.example>'
const minuteMs = 60_000

describe('the delivery of mails', () => {
  let database: Awaited<ReturnType<typeof openTestDatabase>>
  let connection: Connection
  let queue: MailQueue
  let dataDir: string
  let ahead: number

  const now = (): Date => new Date(Date.now() + ahead)
  const options = (mailer: Mailer) => ({
    connection,
    queue,
    mailer,
    now,
    ticketKey: new Uint8Array(32),
    origin: () => 'https://graph.example',
    log: createLogger('test', 'silent'),
  })
  const mailerTo = (smtpUrl: string | undefined) => createMailer({ smtpUrl, from, dataDir })
  const add = (to: string, name = 'Ada') =>
    queue.add(null, { kind: 'password-reset', to, facts: { name }, link: ['password', 'mem_1'] }, now())
  const deliver = async (smtp: Pick<SmtpServer, 'url'>) => {
    const mailer = mailerTo(smtp.url)
    const sent = await deliverDueMails(options(mailer))
    await mailer.close()
    return sent
  }

  beforeEach(async () => {
    ahead = 0
    dataDir = await mkdtemp(join(tmpdir(), 'tributary-mail-'))
    database = await openTestDatabase()
    connection = await database.connect()
    queue = createMailQueue(connection)
    await prepareModels([queue.model])
  })
  afterEach(async () => {
    await database[Symbol.asyncDispose]()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('keeps what a server that is down cannot take, and sends all of it once when it is up', async () => {
    const down = await startSmtpServer()
    await down[Symbol.asyncDispose]()
    for (let number = 0; number < 5; number += 1) await add(`person${number}@example.org`)
    expect(await deliver(down)).toBe(0)
    ahead += 3 * minuteMs
    expect(await deliver(down)).toBe(0)
    expect(await queue.model.countDocuments({ due: { $ne: null } })).toBe(5)
    await using up = await startSmtpServer(down.port)
    ahead += 60 * minuteMs
    expect(await deliver(up)).toBe(5)
    ahead += 60 * minuteMs
    expect(await deliver(up)).toBe(0)
    const receivers = up.received.map(({ to }) => to.join())
    expect(receivers.toSorted()).toEqual([0, 1, 2, 3, 4].map((number) => `RCPT TO:<person${number}@example.org>`))
  })

  it('leaves other mails alone when a server refuses one, which is believed after five times', async () => {
    await using smtp = await startSmtpServer()
    await add('refused@example.org')
    smtp.answer('550 no such mailbox')
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await deliver(smtp)
      ahead += 61 * minuteMs
    }
    smtp.answer('250 ok')
    await add('taken@example.org')
    expect(await deliver(smtp)).toBe(1)
    const [left] = await queue.model.find().lean()
    expect(left).toMatchObject({ to: 'refused@example.org', due: null, attempts: 5 })
    expect(left?.lastError).toContain('550')
  })

  it('sends again what a process has claimed and not sent before it died, under the same id', async () => {
    await using smtp = await startSmtpServer()
    await add('ada@example.org')
    await queue.claim(now(), new Date(now().getTime() + 2 * minuteMs))
    expect(await deliver(smtp)).toBe(0)
    ahead += 3 * minuteMs
    expect(await deliver(smtp)).toBe(1)
    expect(smtp.received[0]?.data).toMatch(/^Message-ID: <mail_\w+@tributary>/m)
  })

  it('sends each mail once where several processes look at once', async () => {
    await using smtp = await startSmtpServer()
    for (let number = 0; number < 10; number += 1) await add(`person${number}@example.org`)
    const sent = await Promise.all([deliver(smtp), deliver(smtp), deliver(smtp)])
    expect(sent.reduce((sum, count) => sum + count, 0)).toBe(10)
    expect(new Set(smtp.received.map(({ to }) => to.join())).size).toBe(10)
    expect(smtp.received).toHaveLength(10)
  })

  it('lets nothing that somebody typed become a header, a receiver, or markup', async () => {
    await using smtp = await startSmtpServer()
    const name = 'Eve\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>'
    const facts = { organizationName: name, name, reason: 'no\r\n.\r\nMAIL FROM:<x@example.org>' }
    await queue.add(null, { kind: 'application-rejected', to: 'eve@example.org', facts }, now())
    await deliver(smtp)
    expect(smtp.received.map(({ to }) => to)).toEqual([['RCPT TO:<eve@example.org>']])
    const [mail] = smtp.received
    const head = mail?.data.split('\r\n\r\n')[0] ?? ''
    expect(head).not.toMatch(/^Bcc:/im)
    expect(readMail(mail?.data ?? '').subject).toContain('About the application of Eve Bcc: victim@example.org')
    const html = mail?.data.split('Content-Type: text/html')[1]?.replaceAll('=\r\n', '')
    expect(html).not.toContain('<script>')
    expect(html).toContain('&lt;script&gt;')
  })

  it('writes a file a mail where no server is configured, for its owner only', async () => {
    await add('ada@example.org')
    const mailer = mailerTo(undefined)
    expect(await deliverDueMails(options(mailer))).toBe(1)
    const [file = ''] = await readdir(mailer.where)
    const text = await readFile(join(mailer.where, file), 'utf8')
    // In one piece, for who opens the file in an editor.
    expect(text).toMatch(/^https:\/\/graph\.example\/oauth\/password\?ticket=mem_1\.\d+\.[\w-]{43}$/m)
    expect(file).toMatch(/^mail_\w+\.eml$/)
    expect((await stat(join(mailer.where, file))).mode & 0o777).toBe(0o600)
  })

  it('goes on by itself, and stops when it is closed', async () => {
    await using smtp = await startSmtpServer()
    const delivery = startMailDelivery(options(mailerTo(smtp.url)))
    await add('ada@example.org')
    await expect.poll(() => smtp.received.length).toBe(1)
    await delivery.close()
    expect(smtp.received[0]?.data.replaceAll('=\r\n', '')).toContain('https://graph.example/oauth/password?ticket=')
  })
})
