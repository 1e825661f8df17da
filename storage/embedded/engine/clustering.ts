import { CommandError, unsupported } from '../errors.ts'
import { type Doc } from '../query/bson.ts'
import { isDoc } from '../query/value-type.ts'
import type { Collection } from './collection.ts'

const fields = new Set(['key', 'name', 'unique', 'v'])

/** Reads `clusteredIndex` of the create command, as the collection keeps it. */
export function readClustering({ clusteredIndex, capped }: Doc): Doc {
  if (clusteredIndex === undefined || clusteredIndex === false) return {}
  if (clusteredIndex !== true && !isDoc(clusteredIndex)) {
    throw new CommandError('TypeMismatch', 'clusteredIndex must be an object or a boolean')
  }
  const { key, name = '_id_', unique } = clusteredIndex === true ? { key: { _id: 1 }, unique: true } : clusteredIndex
  const unknown = isDoc(clusteredIndex) ? Object.keys(clusteredIndex).find((field) => !fields.has(field)) : undefined
  if (unknown !== undefined) throw unsupported('InvalidOptions', `the option ${unknown} of a clustered index`)
  if (!isDoc(key) || Object.keys(key).join() !== '_id' || Number(key['_id']) !== 1) {
    throw new CommandError('InvalidOptions', 'The clusteredIndex option is only supported for key: {_id: 1}')
  }
  if (unique !== true) {
    throw new CommandError('Location5979700', 'The clusteredIndex option requires unique: true to be specified')
  }
  if (typeof name !== 'string') throw new CommandError('TypeMismatch', 'the name of a clustered index must be a string')
  if (capped === true) throw unsupported('InvalidOptions', 'a capped clustered collection')
  return { clusteredIndex: { v: 2, key: { _id: 1 }, name, unique: true } }
}

/** Whether the natural order of the collection is that of _id, in which MongoDB then stores it. */
export function isClustered({ options }: Pick<Collection, 'options'>): boolean {
  return options['clusteredIndex'] !== undefined
}
