import { CommandError, unsupported } from '../errors.ts'
import { readValidation } from '../engine/validation.ts'
import { isDoc, isNumber } from '../query/value-type.ts'
import { collectionArgument, docArgument, flagArgument } from './arguments.ts'
import type { Command } from './command.ts'
import { chosenIndex, existingCollection } from './indexes.ts'

const indexFields = new Set(['name', 'keyPattern', 'hidden', 'expireAfterSeconds'])

/** https://www.mongodb.com/docs/manual/reference/command/collMod/, for what can change of an index, and validators. */
export const collMod: Command = {
  name: 'collMod',
  options: ['index', 'validator', 'validationLevel', 'validationAction'],
  inTransaction: false,
  async run(context) {
    const collection = existingCollection(context, collectionArgument(context.body, 'collMod'))
    const validation = readValidation(context.body)
    if (Object.keys(validation).length > 0) await context.engine.ddl.changeOptions(collection, validation)
    if (context.body['index'] === undefined) return {}
    const asked = docArgument(context.body, 'index')
    for (const field of Object.keys(asked)) {
      if (!indexFields.has(field)) throw unsupported('InvalidOptions', `the collMod index option ${field}`)
    }
    const { name, keyPattern, expireAfterSeconds: expire } = asked
    if ((name === undefined) === (keyPattern === undefined) || (keyPattern !== undefined && !isDoc(keyPattern))) {
      throw new CommandError('InvalidOptions', 'Must specify either index name or key pattern')
    }
    const index = chosenIndex(collection.indexes, name ?? keyPattern)
    const was = { hidden: index.hidden === true, expireAfterSeconds: index.expireAfterSeconds }
    if (asked['hidden'] === undefined && expire === undefined) {
      throw new CommandError('InvalidOptions', 'no expireAfterSeconds or hidden field')
    }
    if (index.name === '_id_') throw new CommandError('BadValue', "can't hide or expire by the _id index")
    if (expire !== undefined && (!isNumber(expire) || !(Number(expire) >= 0 && Number(expire) <= 2147483647))) {
      throw new CommandError('InvalidOptions', 'expireAfterSeconds must be a number from 0 to 2147483647')
    }
    if (expire !== undefined && Object.keys(index.key).length > 1) {
      throw new CommandError('InvalidOptions', 'a compound index cannot expire documents')
    }
    const hidden = flagArgument(asked, 'hidden', was.hidden)
    const seconds = expire === undefined ? was.expireAfterSeconds : Number(expire)
    await context.engine.ddl.changeIndex(collection, index, {
      hidden,
      ...(seconds === undefined ? {} : { expireAfterSeconds: seconds }),
    })
    return {
      ...(hidden === was.hidden ? {} : { hidden_old: was.hidden, hidden_new: hidden }),
      ...(seconds === was.expireAfterSeconds
        ? {}
        : {
            ...(was.expireAfterSeconds === undefined ? {} : { expireAfterSeconds_old: was.expireAfterSeconds }),
            expireAfterSeconds_new: seconds,
          }),
    }
  },
}
