import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface ReadMail {
  readonly to: string
  readonly subject: string
  readonly raw: string
  /** The addresses in its text. */
  readonly links: readonly string[]
}

/** The mails of a file outbox to an address, oldest first. */
export async function readOutbox(dataDir: string, to?: string): Promise<readonly ReadMail[]> {
  const folder = join(dataDir, 'mail')
  const names = await readdir(folder).catch(() => [])
  const files = names.filter((name) => name.endsWith('.eml')).toSorted()
  const mails = await Promise.all(files.map(async (name) => readMail(await readFile(join(folder, name), 'utf8'))))
  return mails.filter((mail) => to === undefined || mail.to === to)
}

/** Waits for the mail to an address whose subject begins so, or the nth of them. */
export async function awaitMail(dataDir: string, to: string, subject: string, nth = 1): Promise<ReadMail> {
  const end = performance.now() + 15_000
  for (;;) {
    const found = (await readOutbox(dataDir, to)).filter((mail) => mail.subject.startsWith(subject))[nth - 1]
    if (found) return found
    if (performance.now() > end) throw new Error(`no mail "${subject}" to ${to} came`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Reads a message as nodemailer writes it: headers, and a text that is quoted-printable, or plain in the file outbox. */
export function readMail(raw: string): ReadMail {
  const head = raw.split(/\r?\n\r?\n/)[0]?.replaceAll(/\r?\n[ \t]+/g, ' ') ?? ''
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? ''
  const body = raw.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=')
  const links = [...body.matchAll(/^https?:\/\/\S+$/gm)].map(([link]) => link)
  return { to: header('To').replaceAll(/[<>]/g, ''), subject: header('Subject'), raw, links }
}
