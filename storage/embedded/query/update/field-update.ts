import type { Doc } from '../bson.ts'

export type UpdateContext = {
  /** The document as it was before the first operator. */
  original: Doc
  inserting: boolean
}

/** One operator at one path. */
export type FieldUpdate = {
  operator: string
  path: string
  /**
   * What a missing path means: it is made, it is left alone though it must be one that could be made, or it is left
   * alone whatever stands in its way.
   */
  missingPath: 'make' | 'leave' | 'ignore'
  /** Where given and false, the update does not even look at its path. */
  applies?(context: UpdateContext): boolean
  /**
   * The value that replaces the old one, which is undefined when missing. Undefined takes the field away; an
   * identical value changes nothing.
   */
  change(old: unknown, context: UpdateContext): unknown
}

/** Makes the updates of one operator's operand for one path. */
export type OperatorCompiler = (path: string, operand: unknown) => FieldUpdate[]
