import { Long } from 'bson'
import { CommandError, unsupported } from '../errors.ts'
import type { Command } from './command.ts'
import { mimickedVersion, replicaSetName } from './hello.ts'

/** The small commands that tell about the server or do nothing. */
export const ping: Command = {
  name: 'ping',
  options: [],
  inTransaction: false,
  run: async () => ({}),
}

/** `storageEngines` and `modules` say that this is no mongod. */
export const buildInfo: Command = {
  name: 'buildInfo',
  aliases: ['buildinfo'],
  options: [],
  inTransaction: false,
  run: async () => ({
    version: mimickedVersion.version,
    versionArray: [...mimickedVersion.versionArray],
    modules: ['tributary-embedded'],
    storageEngines: ['lmdb'],
    maxBsonObjectSize: 16 * 1024 * 1024,
    bits: 64,
    debug: false,
  }),
}

/** The part of it that is true here. */
export const serverStatus: Command = {
  name: 'serverStatus',
  options: [],
  inTransaction: false,
  run: async ({ engine }) => ({
    host: engine.address,
    version: mimickedVersion.version,
    process: 'tributary-embedded',
    pid: Long.fromNumber(process.pid),
    uptime: process.uptime(),
    localTime: new Date(),
    mem: { bits: 64, resident: Math.round(process.memoryUsage.rss() / 2 ** 20) },
    storageEngine: { name: 'lmdb', persistent: true },
    repl: {
      setName: replicaSetName,
      isWritablePrimary: true,
      secondary: false,
      hosts: [engine.address],
      me: engine.address,
    },
  }),
}

export const connectionStatus: Command = {
  name: 'connectionStatus',
  options: ['showPrivileges'],
  inTransaction: false,
  run: async () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] } }),
}

/** Only what drivers and tools ask before they use a feature. */
export const getParameter: Command = {
  name: 'getParameter',
  options: ['featureCompatibilityVersion'],
  inTransaction: false,
  async run({ body }) {
    if (body['featureCompatibilityVersion'] === undefined)
      throw unsupported('InvalidOptions', 'getParameter of anything but featureCompatibilityVersion')
    return { featureCompatibilityVersion: { version: '7.0' } }
  },
}

export const endSessions: Command = {
  name: 'endSessions',
  options: [],
  inTransaction: false,
  async run({ engine, body }) {
    const lsids = body['endSessions']
    if (!Array.isArray(lsids)) throw new CommandError('TypeMismatch', 'endSessions must be an array')
    engine.sessions.end(lsids)
    return {}
  },
}
