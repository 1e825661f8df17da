/** Whether a document that a planner printed, or the gateway holds itself, is a mutation: its kind is its first word. */
export function isMutation(query: string): boolean {
  return /^\s*mutation\b/.test(query)
}
