import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { contentId, fileChunks, firstLine } from '../../cli/import/file-chunks.ts'
import { UsageError } from '../../cli/usage-error.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trb-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function chunksOf(content: string | Buffer): Promise<string[]> {
  const file = join(folder, 'file.csv')
  await writeFile(file, content)
  const chunks: string[] = []
  for await (const { text } of fileChunks(file)) chunks.push(text)
  return chunks
}

it('cuts a file into chunks that the graph takes, never within a character', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('a', 'ü', '東', '🚢'),
      fc.nat(5),
      fc.integer({ min: 0, max: 90_000 }),
      async (letter, shift, count) => {
        const text = 'x'.repeat(shift) + letter.repeat(count)
        const chunks = await chunksOf(text)
        expect(chunks.join('')).toBe(text)
        for (const chunk of chunks) expect(Buffer.byteLength(chunk)).toBeLessThanOrEqual(131_072)
      },
    ),
    { numRuns: 30 },
  )
})

it('knows a file by its content alone', async () => {
  const [a, b, c] = ['a.csv', 'b.csv', 'c.csv'].map((name) => join(folder, name)) as [string, string, string]
  await Promise.all([writeFile(a, 'same'), writeFile(b, 'same'), writeFile(c, 'other')])
  expect(await contentId(a)).toBe(await contentId(b))
  expect(await contentId(a)).not.toBe(await contentId(c))
  expect(await firstLine(a)).toBe('same')
})

it('refuses what is no UTF-8 and what is no file', async () => {
  await expect(chunksOf(Buffer.from([0x41, 0xff, 0x42]))).rejects.toThrow('The file is not UTF-8')
  await expect(chunksOf(Buffer.from([0x41, 0xe2, 0x82]))).rejects.toThrow(UsageError)
  await expect(firstLine(join(folder, 'missing.csv'))).rejects.toThrow('cannot be read')
  await expect(firstLine(folder)).rejects.toThrow(UsageError)
})
