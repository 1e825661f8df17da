import { type Scope, scopes } from '../../schema/scopes.ts'

/** Scopes of published subgraphs in the words of those who declared them. */
export type DeclaredWords = readonly { readonly name: string; readonly description: string }[]

export const signInWords: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  offline_access: 'Stay connected while you are away, until you or the app end it',
}

/** What a scope allows, in words. */
export function wordsOf(scope: string, declared: DeclaredWords): string {
  if (Object.hasOwn(signInWords, scope)) return signInWords[scope] ?? scope
  if (Object.hasOwn(scopes, scope)) return scopes[scope as Scope]
  return declared.find(({ name }) => name === scope)?.description ?? scope
}
