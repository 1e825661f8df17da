import { embeddedSchema } from '../../../storage/documents.ts'

/** A value of an extra field as it is stored: a text, whatever the type, so that no definition can break it. */
export interface StoredValue {
  readonly key: string
  readonly value: string
}

/** The values as a path of a document. */
export const storedValues = {
  type: [
    embeddedSchema<StoredValue>({ key: { type: String, required: true }, value: { type: String, required: true } }),
  ],
  required: true,
} as const
