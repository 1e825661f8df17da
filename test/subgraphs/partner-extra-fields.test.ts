import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type ExtraFieldRules,
  checkValue,
  compareNumbers,
  extraFieldTypes,
  isDay,
  plainNumber,
} from '../../subgraphs/partner/extra-fields/value-rules.ts'
import { type PartnerUnderTest, application, startPartner } from './partner-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let graph: PartnerUnderTest
beforeAll(async () => {
  graph = await startPartner()
})
afterAll(() => graph?.stop())

interface Field {
  readonly id: string
  readonly version: number
}
const define = (input: object) =>
  graph.mutate<Field>(operator, {
    name: 'createExtraField',
    entity: 'extraField',
    fields: 'id key type version rules { options maximum } retired',
    input: { target: 'MEMBER', label: 'Label', type: 'TEXT', ...input },
  })
const redefine = (input: object) =>
  graph.mutate<Field>(operator, { name: 'updateExtraField', entity: 'extraField', fields: 'id version retired', input })

interface Member {
  readonly id: string
  readonly extraFields: readonly { readonly key: string; readonly value: string | null }[]
}
const northwind = callerOf('northwind')
const update = (id: string, input: object, caller = northwind) =>
  graph.mutate<Member>(caller, {
    name: 'updateMember',
    entity: 'member',
    fields: 'id extraFields { key value }',
    input: { id, ...input },
  })
async function anyMember(): Promise<string> {
  const { members } = await graph.ask<{ members: { nodes: { id: string }[] } }>(
    northwind,
    '{ members(first: 1) { nodes { id } } }',
  )
  return members.nodes[0]?.id ?? ''
}
const valueOf = ({ entity }: { entity: Member }, key: string) =>
  entity.extraFields.find((field) => field.key === key)?.value

const apply = (changes: object) =>
  graph.mutate(operator, { name: 'applyForPartnership', entity: 'organization', input: application(changes) })

describe('an extra field', () => {
  it('holds values against its type and rules', async () => {
    const id = await anyMember()
    await define({ key: 'shirt', type: 'SELECT', rules: { options: ['S', 'M', 'L'] } })
    await define({ key: 'shoe', type: 'NUMBER', rules: { minimum: '20', maximum: '60.5' } })
    const set = (key: string, value: string | null) => update(id, { extraFields: [{ key, value }] })
    expect(valueOf(await set('shirt', 'M'), 'shirt')).toBe('M')
    expect(valueOf(await set('shoe', '042.50'), 'shoe')).toBe('42.5')
    for (const [key, value] of [
      ['shirt', 'XXL'],
      ['shoe', '60.500001'],
      ['shoe', 'large'],
    ] as const) {
      expect((await set(key, value)).userErrors).toMatchObject([
        { code: 'EXTRA_FIELD_INVALID', field: ['input', 'extraFields', '0', 'value'] },
      ])
    }
    expect((await set('nothing', 'x')).userErrors).toMatchObject([{ code: 'EXTRA_FIELD_UNKNOWN' }])
    expect(valueOf(await set('shirt', null), 'shirt')).toBeNull()
  })

  it('keeps stored values when its definition changes, and asks for valid ones when they are next set', async () => {
    const id = await anyMember()
    const { entity } = await define({ key: 'size', type: 'SELECT', rules: { options: ['small', 'big'] } })
    await update(id, { extraFields: [{ key: 'size', value: 'small' }] })
    await redefine({ id: entity.id, rules: { options: ['tiny', 'huge'] }, expectedVersion: 1 })
    const renamed = await update(id, { name: 'New Name' })
    expect(renamed.userErrors).toEqual([])
    expect(valueOf(renamed, 'size')).toBe('small')
    expect((await update(id, { extraFields: [{ key: 'size', value: 'small' }] })).userErrors).toMatchObject([
      { code: 'EXTRA_FIELD_INVALID' },
    ])
    await redefine({ id: entity.id, retired: true })
    expect(valueOf(await update(id, { name: 'Newer' }), 'size')).toBeUndefined()
    await redefine({ id: entity.id, retired: false })
    expect(valueOf(await update(id, { name: 'Newest' }), 'size')).toBe('small')
  })

  it('that is required must be there after the next create or edit of whoever may set it', async () => {
    const { entity } = await define({ key: 'badge', required: true })
    const id = await anyMember()
    expect((await update(id, { name: 'X' })).userErrors).toMatchObject([{ code: 'EXTRA_FIELD_REQUIRED' }])
    expect((await update(id, { name: 'X', extraFields: [{ key: 'badge', value: '7' }] })).userErrors).toEqual([])
    expect((await update(id, { extraFields: [{ key: 'badge', value: null }] })).userErrors).toMatchObject([
      { code: 'EXTRA_FIELD_REQUIRED' },
    ])
    await redefine({ id: entity.id, editableBy: 'OPERATOR' })
    const other = (await graph.partner()).adminId
    const org = await graph.ask<{ member: { organization: { id: string } } }>(
      operator,
      'query ($id: ID!) { member(id: $id) { organization { id } } }',
      { id: other },
    )
    const owner = callerOf('any', { organizationId: org.member.organization.id })
    expect((await update(other, { name: 'Y' }, owner)).userErrors).toEqual([])
    expect((await update(other, { extraFields: [{ key: 'badge', value: '8' }] }, owner)).userErrors).toMatchObject([
      { code: 'EXTRA_FIELD_READ_ONLY' },
    ])
    await redefine({ id: entity.id, required: false })
  })

  it("that is the operator's alone is not there for partners", async () => {
    await define({ target: 'ORGANIZATION', key: 'risk', visibleTo: 'OPERATOR', editableBy: 'OPERATOR' })
    const set = (caller: typeof northwind) =>
      graph.mutate(caller, {
        name: 'updateOrganization',
        entity: 'organization',
        fields: 'id extraFields { key }',
        input: { id: northwind.organizationId, extraFields: [{ key: 'risk', value: 'low' }] },
      })
    expect((await set(northwind)).userErrors).toMatchObject([{ code: 'EXTRA_FIELD_UNKNOWN' }])
    expect((await set(operator)).userErrors).toEqual([])
    const read = `{ myOrganization { extraFields { key value } } extraFields(target: ORGANIZATION, first: 250) { totalCount nodes { key } } }`
    interface Read {
      readonly myOrganization: { extraFields: { key: string }[] }
      readonly extraFields: { totalCount: number; nodes: { key: string }[] }
    }
    const scans = await graph.scansOf(async () => {
      const seen = await graph.ask<Read>(northwind, read)
      expect(seen.myOrganization.extraFields.map(({ key }) => key)).not.toContain('risk')
      expect(seen.extraFields.nodes.map(({ key }) => key)).toEqual(['vatId', 'employees', 'industry'])
      expect(seen.extraFields.totalCount).toBe(3)
      expect((await graph.ask<Read>(operator, read)).extraFields.nodes.map(({ key }) => key)).toContain('risk')
      await graph.ask(operator, '{ extraFields(retired: false) { totalCount } }')
    })
    expect(scans).toEqual([])
  })

  it('is refused when it is not sound', async () => {
    for (const [input, field] of [
      [{ key: '1st' }, 'key'],
      [{ key: 'a', type: 'SELECT' }, 'rules'],
      [{ key: 'a', type: 'TEXT', rules: { minimum: '1' } }, 'rules'],
      [{ key: 'a', type: 'NUMBER', rules: { minimum: '2', maximum: '1' } }, 'rules'],
      [{ key: 'a', type: 'DATE', rules: { earliest: '2026-02-30' } }, 'rules'],
      [{ key: 'a', position: -1 }, 'position'],
    ] as const) {
      const { userErrors } = await define(input)
      expect(userErrors[0]).toMatchObject({ code: 'INVALID_INPUT', field: expect.arrayContaining([field]) as string[] })
    }
    expect((await define({ key: 'phone' })).userErrors).toMatchObject([{ code: 'KEY_TAKEN' }])
  })

  it('that is required is asked for in applications too', async () => {
    const { entity } = await define({ target: 'ORGANIZATION', key: 'duns', required: true })
    expect((await apply({})).userErrors).toMatchObject([{ code: 'EXTRA_FIELD_REQUIRED' }])
    expect((await apply({ extraFields: [{ key: 'duns', value: '123' }] })).userErrors).toEqual([])
    await redefine({ id: entity.id, retired: true })
  })
})

describe('the values of extra fields', () => {
  const none: ExtraFieldRules = {
    minLength: null,
    maxLength: null,
    minimum: null,
    maximum: null,
    earliest: null,
    latest: null,
    options: ['one', 'two'],
  }

  it('have one form each: what is accepted is accepted again and stays as it is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...extraFieldTypes),
        fc.oneof(
          fc.string(),
          fc.stringMatching(/^-?\d{1,17}(\.\d{0,8})?$/),
          fc.date({ noInvalidDate: true }).map((day) => day.toISOString().slice(0, 10)),
          fc.constantFrom('true', 'false', 'one', 'two', ' one '),
          fc.webUrl(),
          fc.emailAddress(),
        ),
        (type, text) => {
          const once = checkValue(type, none, text)
          if ('problem' in once) return
          expect(checkValue(type, none, once.value)).toEqual(once)
        },
      ),
    )
  })

  it('are compared as numbers exactly, where floating point is not', () => {
    expect(compareNumbers('999999999999999.000001', '999999999999999')).toBe(1)
    expect(compareNumbers('-0.000001', '0')).toBe(-1)
    const decimal = fc
      .tuple(fc.integer(), fc.nat(999_999))
      .map(([whole, part]) => `${whole}.${String(part).padStart(6, '0')}`)
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const [left, right] = [plainNumber(a) ?? '', plainNumber(b) ?? '']
        expect(compareNumbers(left, right)).toBe(-compareNumbers(right, left) + 0)
        expect(Math.sign(Number(a) - Number(b)) - compareNumbers(left, right)).toBe(0)
      }),
    )
  })

  it('are days of the calendar only', () => {
    expect(['2024-02-29', '2026-12-31'].every(isDay)).toBe(true)
    expect(['2026-02-29', '2026-13-01', '2026-1-1', '2026-04-31', 'today', '2026-01-01T00:00'].some(isDay)).toBe(false)
  })
})
