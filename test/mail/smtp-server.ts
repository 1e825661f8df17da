import { type Server, type Socket, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly data: string
}

export interface SmtpServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly received: readonly ReceivedMail[]
  /** What it answers to every receiver from now on: 250 takes the mail. */
  answer(reply: string): void
}

/** As much of an SMTP server as a client needs to hand over a mail (RFC 5321); `port` 0 takes a free one. */
export async function startSmtpServer(port = 0): Promise<SmtpServer> {
  const received: ReceivedMail[] = []
  const sockets = new Set<Socket>()
  let reply = '250 ok'
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    serve(socket, { reply: () => reply, take: (mail) => received.push(mail) })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const bound = (server.address() as AddressInfo).port
  return {
    port: bound,
    url: `smtp://127.0.0.1:${bound}`,
    received,
    answer(to) {
      reply = to
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function serve(socket: Socket, on: { reply: () => string; take: (mail: ReceivedMail) => void }): void {
  let from = ''
  let to: string[] = []
  let data: string[] | null = null
  let rest = ''
  const say = (line: string): void => void socket.write(`${line}\r\n`)
  const line = (text: string): void => {
    if (data !== null) {
      if (text !== '.') {
        data.push(text)
        return
      }
      on.take({ from, to, data: data.join('\r\n') })
      data = null
      say('250 taken')
      return
    }
    const verb = text.slice(0, 4).toUpperCase()
    if (verb === 'MAIL') from = text
    if (verb === 'RCPT') to = [...to, text]
    if (verb === 'EHLO' || verb === 'HELO') to = []
    if (verb === 'DATA') data = []
    say(verb === 'DATA' ? '354 go on' : verb === 'RCPT' ? on.reply() : verb === 'QUIT' ? '221 bye' : '250 ok')
  }
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\r\n')
    rest = lines.pop() ?? ''
    for (const text of lines) line(text)
  })
  say('220 here')
}
