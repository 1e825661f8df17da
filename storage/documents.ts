import { type Connection, type Model, type QueryFilter, Schema, type SchemaDefinition } from 'mongoose'
import { type IdentifiedType, isIdOf } from '../kit/ids.ts'

type Indexes = readonly (readonly [fields: Readonly<Record<string, 1 | -1>>, options?: IndexOptions])[]

interface IndexOptions {
  readonly unique?: true
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>
  readonly expireAfterSeconds?: number
}

/** What a collection holds. Its documents carry their global id as `_id`, a text. */
export interface DocumentDefinition<Doc> {
  readonly collection: string
  readonly fields: SchemaDefinition<Omit<Doc, '_id'>>
  readonly indexes: Indexes
}

/** The server's first batch is 101 documents by default: larger pages would take a second round trip. */
const batchSize = 1_000

/** A schema without an id of its own, for documents within documents. */
export function embeddedSchema<Part>(fields: SchemaDefinition<Part>): Schema<Part> {
  // A version key would be set on it when a transaction of `connection.transaction` runs again, and refused.
  return new Schema<Part>(fields, { _id: false, id: false, strict: 'throw', versionKey: false })
}

/** Money as it is stored: integer minor units and the ISO 4217 code. */
export const moneySchema = embeddedSchema<{ minorUnits: number; currencyCode: string }>({
  minorUnits: { type: Number, required: true, validate: Number.isSafeInteger },
  currencyCode: { type: String, required: true, match: /^[A-Z]{3}$/ },
})

/** Binds a collection's model to a connection; a second call for the same connection gives the same model. */
export function bindModel<Doc>(connection: Connection, name: string, definition: DocumentDefinition<Doc>): Model<Doc> {
  const known = connection.models[name] as Model<Doc> | undefined
  if (known) return known
  const fields = { _id: { type: String, required: true }, ...definition.fields }
  const schema = new Schema<Doc>(fields, {
    collection: definition.collection,
    // Made once at start by `prepareModels`, never in the background of a first request.
    autoCreate: false,
    autoIndex: false,
    id: false,
    minimize: false,
    strict: 'throw',
    versionKey: false,
  })
  schema.pre('find', function () {
    if (this.getOptions().batchSize === undefined) this.batchSize(batchSize)
  })
  schema.pre('aggregate', function () {
    this.options.cursor = { batchSize, ...this.options.cursor }
  })
  for (const [index, options] of definition.indexes) schema.index({ ...index }, { ...options })
  return connection.model<Doc>(name, schema)
}

interface Preparable {
  createCollection(): Promise<unknown>
  createIndexes(): Promise<unknown>
}

/** Creates the collections and indexes of models, which transactions cannot do on their way. */
export async function prepareModels(models: readonly Preparable[]): Promise<void> {
  for (const model of models) {
    await model.createCollection()
    await model.createIndexes()
  }
}

/** The documents of well-formed ids that also match `filter`; any other id costs no read. */
export async function findByIds<Doc extends { readonly _id: string }>(
  model: Model<Doc>,
  type: IdentifiedType,
  ids: readonly string[],
  filter: Readonly<Record<string, unknown>> = {},
): Promise<Doc[]> {
  const wellFormed = ids.filter((id) => isIdOf(type, id))
  if (wellFormed.length === 0) return []
  const condition = { _id: { $in: wellFormed }, ...(Object.keys(filter).length === 0 ? {} : { $and: [filter] }) }
  return model.find(condition as QueryFilter<Doc>).lean<Doc[]>()
}

/** How many documents match; the number of all is kept by the database and costs no scan. */
export function countMatching<Doc>(model: Model<Doc>, filter: Readonly<Record<string, unknown>>): Promise<number> {
  return Object.keys(filter).length === 0
    ? model.estimatedDocumentCount().exec()
    : model.countDocuments(filter as QueryFilter<Doc>).exec()
}
