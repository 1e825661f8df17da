import { createRequire } from 'node:module'
import util from 'node:util'
import type * as Shield from 'graphql-shield'

/*
 * The only importer of graphql-shield. Both of its builds call `util.isUndefined`, which Node 23 removed:
 * its ESM build then fails to load, its CommonJS build fails on first use. The CommonJS build with that one
 * function defined works on every Node that we support. Types are the package's own.
 */
const legacyUtil: { isUndefined?: (value: unknown) => boolean } = util
legacyUtil.isUndefined ??= (value) => value === undefined

export const { rule, shield } = createRequire(import.meta.url)('graphql-shield') as typeof Shield
