import { readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)

/** The codes that a subgraph's files give to refusals. */
function codesOf(subgraph: string): string[] {
  const folder = new URL(`subgraphs/${subgraph}/`, root)
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const codes = sources.flatMap((name) => {
    const source = readFileSync(new URL(name, folder), 'utf8')
    return [...source.matchAll(/\brefuse\(\s*'([A-Z_]+)'|\bcode: '([A-Z_]+)'/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    )
  })
  return [...new Set(codes)].toSorted()
}

it.each(['partner', 'catalog', 'deals'])('the page about %s names every code with which it refuses', (subgraph) => {
  const page = readFileSync(new URL(`docs/domain/${subgraph}.md`, root), 'utf8')
  const codes = codesOf(subgraph)
  expect(codes).toContain('ILLEGAL_TRANSITION')
  expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(page))).toEqual([])
})
