import { existsSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { settingNames } from '../../kit/config.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { readComposeFile, root } from './compose-file.ts'

// From github.com/compose-spec/compose-spec, schema/compose-spec.json at 170098b (Apache-2.0).
const composeSchema = JSON.parse(readFileSync(new URL('./compose-spec.schema.json', import.meta.url), 'utf8'))

const file = readComposeFile({ TRIBUTARY_SECRET: 'a secret of at least thirty-two characters' })
const services = Object.entries(file.services)
const ours = services.filter(([, { image }]) => image === 'tributary')

describe('docker-compose.yml', () => {
  it('is valid by the compose specification', () => {
    // The draft-07 address is written with https there, which ajv does not know as its meta-schema.
    const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true })
    addFormats.default(ajv)
    const validate = ajv.compile(composeSchema)
    validate(file)
    expect(validate.errors ?? []).toEqual([])
  })

  it('refuses to start without a secret', () => {
    expect(() => readComposeFile({})).toThrow('TRIBUTARY_SECRET')
  })

  it('has two gateways, every registered subgraph, the authorization server, the seed, MongoDB and Redis', () => {
    expect(services.map(([name]) => name).toSorted()).toEqual(
      ['gateway-a', 'gateway-b', ...subgraphs.map(({ name }) => name), 'auth', 'seed', 'mongo', 'redis'].toSorted(),
    )
  })

  it.each(ours)('runs an entry of the build with known settings: %s', (_name, { command = [], environment = {} }) => {
    const [program, ...args] = command
    const entry = args.find((arg) => !arg.startsWith('--')) ?? ''
    expect(program).toBe('node')
    expect(entry).toMatch(/^dist\/.+\.js$/)
    expect(existsSync(new URL(entry.replace(/^dist\//, '').replace(/\.js$/, '.ts'), root))).toBe(true)
    expect(Object.keys(environment).filter((name) => !settingNames.includes(name))).toEqual([])
  })

  it.each(services.filter(([name]) => name !== 'seed'))('tells whether %s is healthy', (_name, { healthcheck }) => {
    expect(healthcheck).toBeDefined()
  })

  it('sends every gateway to the port on which the subgraph listens', () => {
    for (const { name, urlSetting } of subgraphs) {
      const port = file.services[name]?.environment?.['PORT']
      for (const gateway of ['gateway-a', 'gateway-b']) {
        expect(file.services[gateway]?.environment?.[urlSetting]).toBe(`http://${name}:${port}/graphql`)
      }
    }
  })

  it('sends every gateway to the authorization server, whose name browsers can reach', () => {
    const { environment = {}, ports = [] } = file.services['auth'] ?? {}
    expect(ports).toContain(`${new URL(environment['AUTH_ISSUER'] ?? '').port}:${environment['PORT']}`)
    for (const gateway of ['gateway-a', 'gateway-b']) {
      expect(file.services[gateway]?.environment?.['AUTH_URL']).toBe(`http://auth:${environment['PORT']}`)
    }
  })

  it('waits only for services that exist', () => {
    for (const [, { depends_on: waits = {} }] of services) {
      for (const name of Object.keys(waits)) expect(file.services).toHaveProperty(name)
    }
  })
})
