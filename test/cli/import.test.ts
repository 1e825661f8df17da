import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentId } from '../../cli/import/file-chunks.ts'
import { createGraphClient } from '../../sdk/graph-client.ts'
import { demoLocations } from '../../subgraphs/demo-world/locations.ts'
import { demoSkus } from '../../subgraphs/demo-world/products.ts'
import { demoLevels } from '../../subgraphs/inventory/seed.ts'
import { type CommandBench, startCommandBench } from './commands.ts'

let bench: CommandBench
beforeAll(async () => {
  bench = await startCommandBench()
})
afterAll(() => bench[Symbol.asyncDispose]())

const run = (entry: string, ...args: string[]) => bench.run(entry, [...args, '--url', bench.url])
const importFile = (...args: string[]) => run('cli/import-main.ts', ...args)
const exportList = (...args: string[]) => run('cli/export-main.ts', ...args)

/** A SKU and a warehouse of the demo by their codes, and how many units are bound there. */
function place(index: number) {
  const level = demoLevels(new Date())[index]
  if (level === undefined) throw new Error('the demo has too few levels')
  return {
    id: level._id,
    sku: demoSkus.find(({ id }) => id === level.skuId)?.code ?? '',
    location: demoLocations.find(({ id }) => id === level.locationId)?.code ?? '',
  }
}

async function onHand(id: string): Promise<number> {
  const { TRIBUTARY_APP: app, TRIBUTARY_KEY: key } = bench.operator
  const signal = AbortSignal.timeout(10_000)
  const graph = createGraphClient({ url: bench.url, app, key, signal, onThrottled: () => undefined })
  const { inventoryLevel } = await graph.request<{ inventoryLevel: { onHand: number } }>(
    'query ($id: ID!) { inventoryLevel(id: $id) { onHand } }',
    { id },
  )
  return inventoryLevel.onHand
}

describe('npm run import', () => {
  it('lists what can be imported', async () => {
    const { code, stdout } = await importFile('--kinds')
    expect(stdout).toMatch(/^inventory-levels {2}\(inventory:write\)\n {2}\S/m)
    expect(stdout).toMatch(/^ {4}onHand +.*\(integer\)$/m)
    expect(code).toBe(0)
  })

  it('applies the good lines of a file, tells the others in a report, and knows the file when it comes again', async () => {
    const [a, b] = [place(0), place(1)]
    const file = join(bench.folder, 'stock.csv')
    const lines = [
      'skuCode;location;onHand',
      `${a.sku};${a.location};9001`,
      `${b.sku};${b.location};0`,
      'XX-000-X;AMS1;5',
      `${a.sku};NOWHERE;5`,
      `${a.sku};${a.location};many`,
      '',
      `"${a.sku}";${a.location};9002`,
    ]
    await writeFile(file, `\u{feff}${lines.join('\r\n')}`)
    const { code, stdout, stderr } = await importFile('inventory-levels', file)
    expect(stdout).toMatch(/^6 lines: 2 applied, 4 refused \(imp_\w+\)$/m)
    expect(stderr).toContain(`The refused lines are told in ${file}.refused.csv.`)
    expect(code).toBe(1)
    expect(await onHand(a.id)).toBe(9_002)
    const report = (await readFile(`${file}.refused.csv`, 'utf8')).trim().split('\n')
    expect(report[0]).toBe('line,column,code,message')
    expect(report.slice(1).map((line) => line.split(',')[0])).toEqual(['2', '3', '4', '5'])
    const again = await importFile('inventory-levels', file)
    expect(again.stdout).toContain('This file was imported before; pass --again to import it once more.')
  })

  it('goes on with an import that was begun again and interrupted', async () => {
    const { sku, location } = place(2)
    const file = join(bench.folder, 'again.csv')
    await writeFile(file, `skuCode,location,onHand\n${sku},${location},9003\n`)
    await importFile('inventory-levels', file)
    const { TRIBUTARY_APP: app, TRIBUTARY_KEY: key } = bench.operator
    const signal = AbortSignal.timeout(10_000)
    const graph = createGraphClient({ url: bench.url, app, key, signal, onThrottled: () => undefined })
    const input = { kind: 'inventory-levels', format: 'CSV', externalId: `${await contentId(file)}@2026-11-21` }
    const { startImport } = await graph.request<{ startImport: { importJob: { id: string } } }>(
      'mutation ($input: StartImportInput!) { startImport(input: $input) { importJob { id } } }',
      { input },
    )
    const first = await importFile('inventory-levels', file, '--again')
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining(startImport.importJob.id) as string })
    const second = await importFile('inventory-levels', file, '--again')
    expect(second.stdout).toMatch(/^1 lines: 1 applied/m)
    expect(second.stdout).not.toContain(startImport.importJob.id)
  })

  it('says what is wrong with a file before and while it is read', async () => {
    const missing = await importFile('inventory-levels', join(bench.folder, 'nothing.csv'))
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be read') as string })
    const unknown = await importFile('inventory-levels', 'package.json')
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('--format') as string })
    const wrong = join(bench.folder, 'wrong.csv')
    await writeFile(wrong, 'skuCode,place\n')
    const failed = await importFile('inventory-levels', wrong)
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('UNKNOWN_COLUMN: There is no column "place"') as string,
    })
    const kind = await importFile('nonsense', wrong)
    expect(kind).toMatchObject({ code: 1, stderr: expect.stringContaining('the kinds are') as string })
  })
})

describe('npm run export', () => {
  it('writes a list of more than one page as CSV, and what it reads can be told by columns', async () => {
    const { code, stdout } = await exportList('inventoryLevels', '--columns', 'id,sku.code,location.code,available')
    const lines = stdout.trim().split('\n')
    expect(lines[0]).toBe('id,sku.code,location.code,available')
    expect(lines).toHaveLength(demoLevels(new Date()).length + 1)
    expect(new Set(lines).size).toBe(lines.length)
    expect(code).toBe(0)
  })

  it('writes NDJSON to a file', async () => {
    const out = join(bench.folder, 'locations.ndjson')
    const { code, stdout, stderr } = await exportList('locations', '--format', 'ndjson', '--out', out)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain(`${demoLocations.length} written to ${out}`)
    const lines = (await readFile(out, 'utf8')).trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { code: string }).code)).toEqual(
      demoLocations.map(({ code: location }) => location).toSorted(),
    )
  })

  it('goes on behind a cursor at the end of what was written, without a second header', async () => {
    const [whole, part] = [join(bench.folder, 'whole.csv'), join(bench.folder, 'part.csv')]
    const { TRIBUTARY_APP: app, TRIBUTARY_KEY: key } = bench.operator
    const signal = AbortSignal.timeout(10_000)
    const graph = createGraphClient({ url: bench.url, app, key, signal, onThrottled: () => undefined })
    const { locations } = await graph.request<{ locations: { pageInfo: { endCursor: string } } }>(
      '{ locations(first: 3) { pageInfo { endCursor } } }',
    )
    await exportList('locations', '--columns', 'code,name', '--out', whole)
    const text = await readFile(whole, 'utf8')
    const begun = text.split('\n').slice(0, 4).join('\n')
    await writeFile(part, `${begun}\n`)
    const { endCursor } = locations.pageInfo
    expect((await exportList('locations', '--columns', 'code,name', '--out', part, '--after', endCursor)).code).toBe(0)
    expect(await readFile(part, 'utf8')).toBe(text)
    const { stdout } = await exportList('locations', '--columns', 'code,name', '--after', endCursor)
    expect(`${begun}\n${stdout}`).toBe(text)
  })

  it('refuses what is no list with the lists that there are', async () => {
    const { code, stderr } = await exportList('myOrganization')
    expect(code).toBe(2)
    expect(stderr).toMatch(/no list with pages.*It has the lists .*invoices/)
  })
})
