import { Kind, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { conventionProblems } from '../../schema/checks/conventions.ts'
import { findMisdatedSunsets } from '../../schema/checks/misdated-sunsets.ts'
import { deprecationOf, judgeRemoval, sunsetProblems } from '../../kit/sunset.ts'

function field(directives: string) {
  const [definition] = parse(`type Query { old: Int ${directives} }`).definitions
  const found = definition?.kind === Kind.OBJECT_TYPE_DEFINITION ? definition.fields?.[0] : undefined
  if (found === undefined) throw new Error('no field')
  return found
}

const brownout = '2027-02-01T09:00Z/2027-02-01T10:00Z'

describe('a deprecation', () => {
  it('is what both directives say together', () => {
    const text = `@deprecated(reason: "Too slow.") @sunset(date: "2027-03-01", replacement: "Query.new", brownouts: ["${brownout}"])`
    expect(deprecationOf(field(text))).toEqual({
      reason: 'Too slow.',
      sunset: '2027-03-01',
      replacement: 'Query.new',
      brownouts: [{ from: new Date('2027-02-01T09:00Z'), to: new Date('2027-02-01T10:00Z') }],
    })
    expect(deprecationOf(field('@deprecated(reason: "Old.")'))).toMatchObject({ reason: 'Old.', sunset: null })
    expect(deprecationOf(field(''))).toBeNull()
    expect(sunsetProblems(field(text))).toEqual([])
  })

  it.each([
    ['a day that there is not', '@deprecated @sunset(date: "2027-13-01")', /date "2027-13-01"/],
    ['a date that is none', '@deprecated @sunset(date: "soon")', /date "soon"/],
    ['no @deprecated', '@sunset(date: "2027-03-01")', /without @deprecated/],
    [
      'a brownout without a zone',
      '@deprecated @sunset(date: "2027-03-01", brownouts: ["2027-02-01T09:00/2027-02-01T10:00"])',
      /brownout/,
    ],
    [
      'a brownout that ends before it begins',
      '@deprecated @sunset(date: "2027-03-01", brownouts: ["2027-02-01T09:00Z/2027-02-01T08:00Z"])',
      /brownout/,
    ],
    [
      'a brownout of two days',
      '@deprecated @sunset(date: "2027-03-01", brownouts: ["2027-02-01T09:00Z/2027-02-03T09:00Z"])',
      /at most a day/,
    ],
  ])('with %s is a mistake of its author and shuts nothing', (_name, text, problem) => {
    expect(sunsetProblems(field(text)).join()).toMatch(problem)
    expect(deprecationOf(field(text))?.brownouts).toEqual([])
  })
})

it('that is malformed is named with its place by the checks of candidates and of the schema', () => {
  const document = parse(
    'type Query {\n  old(by: Int @deprecated @sunset(date: "soon")): Int @sunset(date: "2027-03-01")\n}',
  )
  expect(findMisdatedSunsets(document)).toEqual([
    'Query.old has a @sunset without @deprecated, which clients are shown.',
    'Query.old(by:) has a @sunset with the date "soon": write a day as 2027-03-01.',
  ])
  const found = conventionProblems(document, 'library').filter(({ rule }) => rule === 'DEPRECATION')
  expect(found.map(({ coordinate, line }) => `${coordinate} ${line}`)).toEqual(
    expect.arrayContaining(['Query.old 2', 'Query.old(by:) 2']),
  )
})

describe('a removal', () => {
  const deprecation = { reason: null, sunset: '2027-03-01', replacement: null, brownouts: [] }
  const wish = { coordinate: 'Query.old', deprecation, used: true, usageDays: 30, overridden: false }
  const [before, after] = [new Date('2027-02-28T23:59:59Z'), new Date('2027-03-01T00:00:00Z')]

  it('of what nobody has used is always allowed', () => {
    const unused = { ...wish, used: false, deprecation: null, now: before }
    expect(judgeRemoval(unused)).toEqual({ allowed: true, because: 'UNUSED' })
  })

  it('of what is used is refused without a notice that is over, whoever insists', () => {
    for (const overridden of [false, true]) {
      expect(judgeRemoval({ ...wish, overridden, now: before })).toMatchObject({
        allowed: false,
        because: 'NO_NOTICE',
        message: 'Query.old was used in the last 30 days, and its sunset is 2027-03-01.',
      })
      expect(judgeRemoval({ ...wish, deprecation: null, overridden, now: after })).toMatchObject({
        because: 'NO_NOTICE',
      })
    }
  })

  it('of what is used after its date needs an override', () => {
    expect(judgeRemoval({ ...wish, now: after })).toMatchObject({ allowed: false, because: 'IN_USE' })
    expect(judgeRemoval({ ...wish, overridden: true, now: after })).toEqual({ allowed: true, because: 'OVERRIDDEN' })
  })
})
