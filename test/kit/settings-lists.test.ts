import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configHelp, readConfig, settingNames } from '../../kit/config.ts'

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const compose = textOf('docker-compose.yml')
const example = textOf('.env.example')
const matchesOf = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name)

/** What compose says itself, because of how it is laid out: each process its own. */
const ofTheLayout = new Set([
  'PORT',
  'HOST',
  'DATA_DIR',
  'MONGODB_URI',
  'REDIS_URL',
  'AUTH_URL',
  ...settingNames.filter((name) => /^(PARTNER|CATALOG|DEALS|INVENTORY|BILLING|BULK|EVENTS|SCHEMAS)_URL$/.test(name)),
])
/** Variables of compose's own, which are no settings of a process. */
const ofCompose = new Set(['GATEWAY_A_PORT', 'GATEWAY_B_PORT', 'AUTH_PORT', 'CONFIG_DIR'])

describe('the lists of settings', () => {
  it('say the same in the README as --help, with the defaults that are used', () => {
    const defaults = new Map(
      Object.entries(readConfig({})).flatMap(([name, value]) =>
        typeof value === 'object' ? [] : [[name, String(value)] as const],
      ),
    )
    const rows = [...textOf('README.md').matchAll(/^\| `([A-Z_]+)` \| (?:`(.*?)`)? *\| (.*) \|$/gm)].map(
      ([, name = '', byDefault = '', doc = '']) => [name, { byDefault, doc }] as const,
    )
    const told = [...configHelp().matchAll(/^ {2}([A-Z_]+) +(.*)$/gm)].map(
      ([, name = '', doc = '']) => [name, { byDefault: defaults.get(name) ?? '', doc }] as const,
    )
    expect(told.map(([name]) => name)).toEqual(settingNames)
    expect(rows).toHaveLength(settingNames.length)
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(told))
  })

  it('are whole in docker-compose.yml: what it does not lay out itself can be said to it', () => {
    const assigned = new Set(matchesOf(compose, /^ +([A-Z][A-Z_]+):/gm).filter((name) => name !== 'CMD'))
    expect([...assigned].filter((name) => !settingNames.includes(name))).toEqual([])
    expect(settingNames.filter((name) => !assigned.has(name))).toEqual([])
    const asked = new Set(matchesOf(compose, /\$\{([A-Z_]+)/g))
    expect([...asked].filter((name) => !settingNames.includes(name) && !ofCompose.has(name))).toEqual([])
    expect(settingNames.filter((name) => !asked.has(name) && !ofTheLayout.has(name))).toEqual([])
  })

  it('are said to every process of ours, but for those that only some have', () => {
    const shared = /^x-settings:[\s\S]*?\n\n/m.exec(compose)?.[0] ?? ''
    const ofSome = ['AUTH_ISSUER', 'GRAPH_URL', 'SMTP_URL', 'MAIL_FROM']
    expect(matchesOf(shared, /^ +([A-Z_]+):/gm).toSorted()).toEqual(
      settingNames.filter((name) => name === 'HOST' || !(ofTheLayout.has(name) || ofSome.includes(name))).toSorted(),
    )
    expect(matchesOf(compose, /<<: (?:\[\*|\*)(settings)/g).length).toBe(6)
  })

  it('have no name in .env.example that compose does not ask for', () => {
    const set = matchesOf(example, /^([A-Z_]+)=/gm)
    expect(set.filter((name) => !compose.includes(`\${${name}`))).toEqual([])
    expect([...ofCompose].filter((name) => !set.includes(name))).toEqual([])
  })
})
