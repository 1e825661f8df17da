// A process that delivers until it is killed: worker-process.ts <database URI>
import mongoose from 'mongoose'
import { noGraph, startWorker } from './webhook-world.ts'

const [, , uri = ''] = process.argv
const connection = await mongoose.createConnection(uri, { serverSelectionTimeoutMS: 30_000 }).asPromise()
startWorker(connection, {
  now: () => new Date(),
  asker: noGraph,
  timeoutMs: 150,
  turnMs: 2_000,
  lookEveryMs: 20,
  // So many that none is exhausted: what is tried here is that nothing is lost on the way.
  delaysMs: Array.from({ length: 60 }, () => 20),
})
process.stdout.write('ready\n')
