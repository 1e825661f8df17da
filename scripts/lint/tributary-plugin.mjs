import { dirname, relative, resolve, sep } from 'node:path'
import { boundaryProblem } from './boundaries.mjs'
import { fromRoot } from '../prepare/root.mjs'

/** @typedef {{ filename: string, report(problem: { node: object, message: string }): void }} Context */
/** @typedef {{ source?: { value?: unknown } | null }} Importing */

/** @param {string} file */
const named = (file) => relative(fromRoot(), file).split(sep).join('/')

const boundaries = {
  /** @param {Context} context */
  create(context) {
    /** @param {Importing} node */
    const check = (node) => {
      const specifier = node.source?.value
      if (typeof specifier !== 'string' || !specifier.startsWith('.')) return
      const message = boundaryProblem(named(context.filename), named(resolve(dirname(context.filename), specifier)))
      if (message !== undefined) context.report({ node, message })
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
      TSImportType: check,
    }
  },
}

/** Rules of this repository for oxlint, which loads this file as a plugin. */
export default { meta: { name: 'tributary' }, rules: { boundaries } }
