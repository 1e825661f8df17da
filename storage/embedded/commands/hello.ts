import { sessionTimeoutMinutes } from '../sessions/sessions.ts'
import { largestDocumentBytes } from '../engine/records.ts'
import type { Doc } from '../query/bson.ts'
import { largestMessageBytes } from '../wire/message.ts'
import type { Command, Context } from './command.ts'
import { mostStatements } from './write-statements.ts'

/** The version of MongoDB whose documented behaviour is the measure; 21 is 7.0. */
export const mimickedVersion = { version: '7.0.0', versionArray: [7, 0, 0, 0], wire: 21 } as const

/** Of a replica set with one member, because drivers do transactions and change streams only with such. */
export const replicaSetName = 'tributary'

function describe({ engine, connectionId }: Context): Doc {
  return {
    helloOk: true,
    hosts: [engine.address],
    setName: replicaSetName,
    setVersion: 1,
    primary: engine.address,
    me: engine.address,
    secondary: false,
    maxBsonObjectSize: largestDocumentBytes,
    maxMessageSizeBytes: largestMessageBytes,
    maxWriteBatchSize: mostStatements,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: sessionTimeoutMinutes,
    connectionId,
    minWireVersion: 0,
    maxWireVersion: mimickedVersion.wire,
    readOnly: false,
  }
}

/** https://www.mongodb.com/docs/manual/reference/command/hello/ */
export const hello: Command = {
  name: 'hello',
  // Drivers announce what they can do in fields of their own, and an older server ignores what it does not know.
  options: 'any',
  inTransaction: false,
  async run(context) {
    return { isWritablePrimary: true, ...describe(context) }
  },
}

/** The older name, with the older field. */
export const isMaster: Command = {
  name: 'isMaster',
  aliases: ['ismaster'],
  // Drivers announce what they can do in fields of their own, and an older server ignores what it does not know.
  options: 'any',
  inTransaction: false,
  async run(context) {
    return { ismaster: true, ...describe(context) }
  },
}
