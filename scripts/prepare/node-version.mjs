/**
 * What is wrong with a version of Node and how to mend it; undefined when it will do.
 * @param {string} version
 */
export function nodeVersionProblem(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  // 20.19 and 22.12 are where `require` of ES modules works without a flag; the build tools rely on it.
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22) return undefined
  return (
    `Tributary needs Node.js 20.19 or newer (22.12 or newer in the 22 line), but this is Node.js ${version}.\n` +
    'Install a current release from https://nodejs.org, or with a version manager: `nvm install 24`. Then start again.'
  )
}
