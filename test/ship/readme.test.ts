import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configHelp, readConfig, settingNames } from '../../kit/config.ts'
import { scopes } from '../../schema/scopes.ts'
import { root } from './compose-file.ts'

const readme = readFileSync(new URL('README.md', root), 'utf8')
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: object }

describe('README', () => {
  it.each(settingNames)('lists %s with its default and meaning', (name) => {
    const value = (readConfig({}) as Readonly<Record<string, unknown>>)[name]
    const meaning = new RegExp(`^\\s+${name}\\s+(.*)$`, 'm').exec(configHelp())?.[1]
    expect(readme).toContain(
      `| \`${name}\` | ${value === undefined ? '' : `\`${value as string | number}\``} | ${meaning} |`,
    )
  })

  it.each(Object.entries(scopes))('lists the scope %s', (scope, meaning) => {
    expect(readme).toContain(`| \`${scope}\` | ${meaning} |`)
  })

  it.each(['README.md', 'CONTRIBUTING.md', 'docs/README.md', 'docs/lifecycle.md'])(
    'and its neighbours link to files and scripts that exist: %s',
    (file) => {
      const text = readFileSync(new URL(file, root), 'utf8')
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? '')
      expect(links.filter((path) => !existsSync(new URL(path, new URL(file, root))))).toEqual([])
      const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script ?? '')
      expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([])
    },
  )
})
