import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFileSource } from '../../gateway/supergraph/supergraph-file.ts'
import { composeTexts } from '../../schema/checks/check-candidate.ts'
import { createWorkshop } from '../../schema/workshop/workshop.ts'

const workshop = createWorkshop()
const shop = { name: 'shop', url: 'http://shop.test/graphql', sdl: 'type Query { name: String }' }
const { supergraphSdl } = composeTexts([
  shop,
  { name: 'other', url: 'http://other.test', sdl: 'type Query { a: Int }' },
])
const office = { workshop, shipped: [shop] }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-supergraph-'))
})
afterAll(async () => {
  await workshop.close()
  await rm(folder, { recursive: true, force: true })
})

async function serve(answer: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/supergraph.graphql`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('a supergraph at a URL', () => {
  it('is read with what is to be known of it, and then asked for by its tag', async () => {
    const asked: (string | undefined)[] = []
    await using server = await serve(({ headers }, response) => {
      asked.push(headers['if-none-match'])
      if (headers['if-none-match'] === '"one"') response.writeHead(304).end()
      else response.writeHead(200, { etag: '"one"' }).end(supergraphSdl)
    })
    const source = createFileSource(server.url, office)
    const found = await source.next(null)
    expect(found).toMatchObject({ supergraphSdl, apiSdl: expect.stringContaining('name: String') })
    expect(found?.published).toEqual([{ name: 'other', url: 'http://other.test', sdl: null }])
    expect(await source.next(found?.name ?? '')).toBeNull()
    expect(asked).toEqual([undefined, '"one"'])
  })

  it('is refused again as long as what is there is no supergraph, tag or not', async () => {
    await using server = await serve(({ headers }, response) => {
      if (headers['if-none-match'] === '"bad"') response.writeHead(304).end()
      else response.writeHead(200, { etag: '"bad"' }).end('type Query {')
    })
    const source = createFileSource(server.url, office)
    for (let look = 0; look < 2; look += 1) {
      await expect(source.next('served before')).rejects.toThrow('is no supergraph that can be served')
    }
  })

  it.each([404, 500])('is told as one that cannot be read when its server answers %i', async (status) => {
    await using server = await serve((_request, response) => response.writeHead(status).end())
    await expect(createFileSource(server.url, office).next(null)).rejects.toThrow(
      `SUPERGRAPH ${server.url} cannot be read: it answered ${status}`,
    )
  })

  it('is not waited for without end', async () => {
    await using server = await serve((_request, response) => void response.writeHead(200).write('type Que'))
    const source = createFileSource(server.url, office, { timeoutMs: 50 })
    await expect(source.next(null)).rejects.toThrow(/cannot be read: .*timeout/)
  })

  it('is cut off when it is too large to be one', async () => {
    const megabyte = 'x'.repeat(1_000_000)
    await using server = await serve((_request, response) => {
      const write = (): void => {
        while (!response.destroyed) if (!response.write(megabyte)) return void response.once('drain', write)
      }
      write()
    })
    await expect(createFileSource(server.url, office).next(null)).rejects.toThrow('more than 20000000 bytes')
  })
})

describe('a supergraph in a file', () => {
  it('is no news as long as its text is that of the one that is known', async () => {
    const file = join(folder, 'known.graphql')
    await writeFile(file, supergraphSdl)
    const source = createFileSource(file, office)
    const found = await source.next(null)
    await writeFile(file, supergraphSdl)
    expect(await source.next(found?.name ?? '')).toBeNull()
  })

  it('is told as one that cannot be read when there is none', async () => {
    const file = join(folder, 'missing.graphql')
    await expect(createFileSource(file, office).next(null)).rejects.toThrow(`SUPERGRAPH ${file} cannot be read: ENOENT`)
  })
})
