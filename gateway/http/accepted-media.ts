/** How an answer of the graph may be typed, after GraphQL over HTTP, section 6. */
export type AnswerMedia = 'application/json' | 'application/graphql-response+json'

const graphMedia = 'application/graphql-response+json'
const jsonMedia = 'application/json'

/** A media range of an `Accept` header: its type in small letters, its parameters without `q`, and its weight. */
export interface MediaRange {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
  readonly weight: number
}

/**
 * Chooses the type of an answer by the request's `Accept`; null when neither is accepted. JSON is for those who do not
 * say: they may not know the newer type.
 */
export function acceptedMedia(accept: string | undefined): AnswerMedia | null {
  if (accept === undefined || accept === '*/*' || accept === jsonMedia) return jsonMedia
  const ranges = readAccept(accept)
  const json = weightFor(ranges, jsonMedia)
  const graph = weightFor(ranges, graphMedia)
  if (json.weight <= 0 && graph.weight <= 0) return null
  // Of equal weight, what was named goes before what a wildcard covers, and what was named first before the other.
  if (json.weight !== graph.weight) return json.weight > graph.weight ? jsonMedia : graphMedia
  if (json.exact !== graph.exact) return json.exact ? jsonMedia : graphMedia
  return graph.exact && graph.at < json.at ? graphMedia : jsonMedia
}

/** The ranges of an `Accept` header, in its order; what cannot be read is left out. */
export function readAccept(accept: string): MediaRange[] {
  return accept.split(',').flatMap((item): MediaRange[] => {
    const [type = '', ...rest] = item.split(';')
    const parameters = new Map(rest.map(readParameter))
    const weight = Number(parameters.get('q') ?? '1')
    parameters.delete('q')
    const name = type.trim().toLowerCase()
    return name === '' || !(weight >= 0 && weight <= 1) ? [] : [{ type: name, parameters, weight }]
  })
}

function readParameter(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 0) return [text.trim().toLowerCase(), '']
  return [
    text.slice(0, at).trim().toLowerCase(),
    text
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1'),
  ]
}

/** What a header says of one type: the most exact range counts (RFC 9110, section 12.5.1). */
function weightFor(ranges: readonly MediaRange[], media: AnswerMedia) {
  const exact = ranges.findIndex(({ type, parameters }) => type === media && isUtf8(parameters.get('charset')))
  if (exact >= 0) return { weight: ranges[exact]?.weight ?? 0, exact: true, at: exact }
  const wild = ranges.find(({ type }) => type === 'application/*') ?? ranges.find(({ type }) => type === '*/*')
  return { weight: wild?.weight ?? 0, exact: false, at: ranges.length }
}

/** GraphQL over HTTP knows no other encoding. */
export function isUtf8(charset: string | undefined): boolean {
  return charset === undefined || /^utf-?8$/i.test(charset)
}

const plainJson = { type: jsonMedia, charset: undefined }

/** The type and charset of a `Content-Type` header; null when it has none. */
export function readContentType(header: string | undefined): { type: string; charset: string | undefined } | null {
  if (header === undefined) return null
  if (header === jsonMedia) return plainJson
  const [range] = readAccept(header.split(',', 1)[0] ?? '')
  return range ? { type: range.type, charset: range.parameters.get('charset') } : null
}
