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
  /** Whether a missing path is made; where not, a path that cannot exist is no error either. */
  creates: boolean
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
