import { mongo } from 'mongoose'
import { ConfigError } from './config-error.ts'

/** Why a process could not start: what its operator can mend in one sentence, anything else with its stack. */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // By name, because kit does not know the embedded database.
  if (error instanceof ConfigError || error.name === 'LaunchError') return error.message
  if ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) return `${error.message}\nSee --help.`
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `Port ${String(error.port)} is in use by another process. Stop that one, or set PORT to a free port.`
  }
  if ('code' in error && error.code === 'EADDRNOTAVAIL' && 'address' in error) {
    return `${String(error.address)} is not an address of this machine. Set HOST to one that is.`
  }
  if (error.name === 'MongooseServerSelectionError' || error instanceof mongo.MongoServerSelectionError) {
    return `No MongoDB replica set answers at MONGODB_URI: ${error.message}`
  }
  return error.stack ?? error.message
}
