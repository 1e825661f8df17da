import { type DocumentNode, GraphQLError, Lexer, Source, type Token, TokenKind, parse } from 'graphql'
import { type Place, placeOfError, placeOfNode } from './locate.ts'

/** What of a text is too much for a subgraph, whoever has written it. */
const bounds = { characters: 1_000_000, tokens: 200_000, depth: 64, definitions: 2_000 }

interface Unreadable {
  readonly rule: 'SYNTAX' | 'SIZE'
  readonly message: string
  readonly place: Place
}

/** Parses SDL of anybody's: what it answers is small and shallow enough for everything that follows. */
export function readSdl(sdl: string, name: string): { readonly document: DocumentNode } | Unreadable {
  if (sdl.length > bounds.characters) {
    return tooLarge(`The SDL has ${sdl.length} characters, and at most ${bounds.characters} are taken.`)
  }
  const source = new Source(sdl, name)
  try {
    const deep = firstTokenBeyond(source)
    if (deep) return tooLarge(deep.message, { line: deep.token.line, column: deep.token.column })
    const document = parse(source)
    const beyond = document.definitions[bounds.definitions]
    if (beyond) {
      const message = `The SDL has ${document.definitions.length} definitions, and at most ${bounds.definitions} are taken.`
      return tooLarge(message, placeOfNode(beyond))
    }
    return { document }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    return { rule: 'SYNTAX', message: error.message, place: placeOfError(error) }
  }
}

function tooLarge(message: string, place: Place = { line: 1, column: 1 }): Unreadable {
  return { rule: 'SIZE', message, place }
}

/** Looked for before parsing, which would use up the stack. */
function firstTokenBeyond(source: Source): { readonly token: Token; readonly message: string } | null {
  const lexer = new Lexer(source)
  let depth = 0
  let count = 0
  for (;;) {
    const token = lexer.advance()
    if (token.kind === TokenKind.EOF) return null
    count += 1
    if (count > bounds.tokens) return { token, message: `The SDL has more than ${bounds.tokens} tokens.` }
    if (opening.has(token.kind)) depth += 1
    if (closing.has(token.kind)) depth -= 1
    if (depth > bounds.depth) return { token, message: `The SDL is nested deeper than ${bounds.depth} levels here.` }
  }
}

const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])
