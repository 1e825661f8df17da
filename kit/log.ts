import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

/** A JSON logger on standard error, so that standard output stays the product's own (URLs, curl commands). */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  return pino(
    { name, level, redact: { paths: ['key', 'secret', 'token', 'authorization', '*.key', '*.secret'], remove: true } },
    destination ?? pino.destination({ dest: 2, sync: false }),
  )
}
