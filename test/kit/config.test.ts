import { describe, expect, it } from 'vitest'
import { configHelp, readConfig, settingNames } from '../../kit/config.ts'
import { ConfigError } from '../../kit/config-error.ts'

/** The lines of the refusal after its first, which name the settings. */
function refusal(environment: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    const [first, ...reasons] = (error as ConfigError).message.split('\n')
    expect(first).toBe('The configuration cannot be used.')
    return reasons
  }
  throw new Error('the configuration was accepted')
}

describe('the configuration', () => {
  it('has a default for all that is unset', () => {
    const given = Object.entries(readConfig({})).filter(([, value]) => value !== undefined)
    expect(Object.fromEntries(given)).toEqual({
      PORT: 4000,
      HOST: '127.0.0.1',
      DATA_DIR: './data',
      LOG_LEVEL: 'warn',
      MAIL_FROM: 'Tributary <no-reply@localhost>',
      HTTP_FRONT: 'tributary',
      HTTP_COMPRESSION: true,
      RESPONSE_CACHE_MB: 16,
      HTTP_MAX_CONNECTIONS: 10_000,
      PLANNER: 'auto',
      AUDIT_DAYS: 400,
      GRAPH_ENVIRONMENT: 'live',
      SHARE_FETCHES: false,
      OTEL_TRACES_SAMPLER_ARG: 0.1,
    })
  })

  it('takes an empty variable for unset, as compose files and shells write it', () => {
    const empty = Object.fromEntries(settingNames.map((name) => [name, '']))
    expect(readConfig(empty)).toEqual(readConfig({}))
    expect(readConfig({ PORT: '' }, { PORT: '4002' }).PORT).toBe(4002)
  })

  it('reads what is given, before the defaults of a process', () => {
    const given = {
      PORT: '0',
      DEMO: 'false',
      MONGODB_URI: 'mongodb+srv://db.example',
      DEALS_URL: 'http://deals:4003/graphql',
    }
    expect(readConfig({ ...given, OTHER: 'x' }, { PORT: '4002' })).toMatchObject({ ...given, PORT: 0, DEMO: false })
  })

  it.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '4000.5'],
    ['PORT', ' '],
    ['MONGODB_URI', 'localhost:27017'],
    ['REDIS_URL', 'http://localhost'],
    ['TRIBUTARY_SECRET', 'x'.repeat(31)],
    ['DEMO', 'yes'],
    ['HTTP_FRONT', 'yoga'],
    ['HTTP_MAX_CONNECTIONS', '0'],
    ['CORS_ORIGINS', 'shop.example'],
    ['CORS_ORIGINS', 'https://shop.example, https://shop.example/page'],
    ['LOG_LEVEL', 'WARN'],
    ['DEALS_URL', 'deals:4003'],
    ['DEALS_URL', 'ftp://deals/graphql'],
  ])('refuses %s=%j by name', (name, value) => {
    expect(refusal({ [name]: value })).toEqual([expect.stringMatching(`^  ${name}: .+`)])
  })

  it('names every bad setting at once and never its value, which may be a secret', () => {
    const reasons = refusal({ PORT: 'x', TRIBUTARY_SECRET: 'too-short-secret', MONGODB_URI: 'user:pass@host' })
    expect(reasons.map((reason) => reason.trim().split(':')[0])).toEqual(['PORT', 'MONGODB_URI', 'TRIBUTARY_SECRET'])
    expect(reasons.join()).not.toMatch(/too-short-secret|pass/)
  })

  it('is explained by the help, setting by setting', () => {
    const lines = configHelp().split('\n')
    expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(settingNames)
  })
})
