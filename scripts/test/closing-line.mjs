/**
 * The result of a test run in words. A file that could not be loaded counts as one failed test, and so does a run that
 * failed for another reason: `0 failed` must never stand below a run that is red.
 * @param {{ numPassedTests: number, numFailedTests: number, testResults: { status: string, assertionResults: unknown[] }[] } | undefined} report vitest's JSON report
 * @param {number} exitCode
 */
export function closingLine(report, exitCode) {
  const unloaded = report?.testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && assertionResults.length === 0
  }).length
  const failed = (report?.numFailedTests ?? 0) + (unloaded ?? 0)
  return `${report?.numPassedTests ?? 0} passed, ${failed === 0 && exitCode !== 0 ? 1 : failed} failed`
}
