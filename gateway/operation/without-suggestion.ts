/** "Did you mean" would tell names of the schema that the caller may not be meant to know. */
export function withoutSuggestion(message: string): string {
  return message.replace(/ Did you mean .*$/s, '')
}
