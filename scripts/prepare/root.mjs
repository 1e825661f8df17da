import { fileURLToPath } from 'node:url'

/** The path of a file or folder of the repository. */
export const fromRoot = (path = '.') => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/**
 * Imports a built module, named from dist. By a computed address, so that the type check of the sources does not depend
 * on what is built.
 * @param {string} file
 */
export const importBuilt = (file) => import(new URL(`../../dist/${file}`, import.meta.url).href)
