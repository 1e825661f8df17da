import { parseArgs } from 'node:util'
import { serve } from './serve.ts'

/** What the process prints on its only line of standard output. */
export type ReadyLine = { ready: true; uri: string; pid: number } | { ready: false; message: string }

/** MongoDB's interval between two looks for expired documents. */
const defaultTtlSeconds = 60

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      socket: { type: 'string' },
      port: { type: 'string' },
      'ttl-seconds': { type: 'string', default: String(defaultTtlSeconds) },
      'exit-with-parent': { type: 'boolean', default: false },
    },
  })
  if (values.data === undefined || (values.socket === undefined) === (values.port === undefined)) {
    throw new Error('usage: --data DIR and either --socket PATH or --port N [--ttl-seconds N] [--exit-with-parent]')
  }
  // The socket is created for this user alone, before its mode can be changed.
  process.umask(0o077)
  const server = await serve({
    dataDir: values.data,
    listen: values.socket === undefined ? { port: Number(values.port) } : { socket: values.socket },
    ttlSeconds: Number(values['ttl-seconds']),
    endsWithParent: values['exit-with-parent'],
    onFault: (reason) => void process.stderr.write(`embedded database: ${reason}\n`),
  })
  let stopping = false
  const stop = (): void => {
    if (stopping) return
    stopping = true
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`embedded database: could not close cleanly: ${String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  if (values['exit-with-parent']) {
    // Ctrl-C reaches the whole process group, but the parent still has work to finish; it closes our input at its end.
    process.on('SIGINT', () => {})
    process.stdin.on('end', stop)
    process.stdin.on('close', stop)
    process.stdin.on('error', stop)
    process.stdin.resume()
  } else {
    process.on('SIGINT', stop)
  }
  print({ ready: true, uri: server.uri, pid: process.pid })
}

function print(line: ReadyLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

main().catch((error: unknown) => {
  print({ ready: false, message: error instanceof Error ? error.message : String(error) })
  process.exitCode = 1
})
