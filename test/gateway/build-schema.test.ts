import { readFile } from 'node:fs/promises'
import { buildASTSchema, parse, printSchema, validateSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { buildSchema } from '../../gateway/plan/build-schema.ts'
import { deferDirective } from '../../gateway/plan/defer-directive.ts'
import { createSlices } from '../../gateway/plan/slices.ts'

const read = (name: string): Promise<string> => readFile(new URL(`../../schema/${name}`, import.meta.url), 'utf8')

describe('a schema that is built in slices', () => {
  it.each(['supergraph.graphql', 'api.graphql'])('is the one that is built at once: %s', async (name) => {
    const sdl = await read(name)
    const atOnce = buildASTSchema(parse(sdl, { noLocation: true }), { assumeValidSDL: true })
    const schema = await buildSchema(sdl, createSlices())
    expect(printSchema(schema)).toBe(printSchema(atOnce))
    for (const type of Object.values(atOnce.getTypeMap())) {
      expect(schema.getType(type.name)?.astNode).toEqual(type.astNode)
    }
    expect(schema.getQueryType()?.name).toBe(atOnce.getQueryType()?.name)
    expect(schema.getSubscriptionType()?.name).toBe(atOnce.getSubscriptionType()?.name)
    expect(validateSchema(schema)).toEqual([])
  })

  it('finds the root types by their names or by what the schema says', async () => {
    const named = await buildSchema('type Query { a: Int } type Mutation { b: Int }', createSlices())
    expect([named.getQueryType()?.name, named.getMutationType()?.name]).toEqual(['Query', 'Mutation'])
    const said = await buildSchema('schema { query: Root } type Root { a: Int } type Query { b: Int }', createSlices())
    expect(said.getQueryType()?.name).toBe('Root')
  })

  it('has the directives that are added, and those of every schema', async () => {
    const schema = await buildSchema('type Query { a: Int }', createSlices(), [deferDirective])
    expect(schema.getDirectives().map(({ name }) => name)).toEqual(expect.arrayContaining(['defer', 'skip', 'include']))
  })

  it('lets others have their turn meanwhile', async () => {
    const sdl = await read('api.graphql')
    let turns = 0
    let built = false
    const count = (): void => {
      turns += 1
      if (!built) setImmediate(count)
    }
    setImmediate(count)
    await buildSchema(sdl, createSlices(0))
    built = true
    expect(turns).toBeGreaterThan(100)
  })

  it('is refused where the text is none', async () => {
    await expect(buildSchema('type Query {', createSlices())).rejects.toThrow('Syntax Error')
  })
})
