import { createRequire } from 'node:module'
import type { Socket } from 'node:net'

/** What is touched of the driver's connection, which mongodb does not export. */
type DriverConnection = { readonly socket: Socket; cleanup: (this: DriverConnection, error: Error) => void }

let patched = false

/**
 * Lets a command fail whose connection is closed while it is written. mongodb (7.8 and 7.9) waits for the socket's
 * `drain` or `error`, and a socket that was destroyed emits neither: such a command would never be answered, neither
 * by a result nor by an error, and whoever waits for it stands still until the process ends. It happens where the
 * database dies or fails over while a command is on its way. Awakened, the driver finds the connection's error itself.
 *
 * Throws where the driver is built differently, so that an upgrade does not drop this unnoticed.
 */
export function endAbandonedWrites(): void {
  if (patched) return
  const driver = createRequire(createRequire(import.meta.url).resolve('mongoose'))
  const { Connection } = driver('mongodb/lib/cmap/connection.js') as { Connection: { prototype: DriverConnection } }
  const { cleanup } = Connection.prototype
  if (typeof cleanup !== 'function') throw new Error('This mongodb driver closes its connections in another way')
  Connection.prototype.cleanup = function (error) {
    cleanup.call(this, error)
    // Not at once: a command that has just found the connection open begins to wait in this turn of the loop.
    setImmediate(() => this.socket.emit('drain'))
  }
  patched = true
}
