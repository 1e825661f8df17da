import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemCaller } from '../../kit/caller.ts'
import { seededId } from '../../kit/ids.ts'
import { type PartnerUnderTest, dayMs, startPartner } from './partner-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

const page = systemCaller(['system:sign-up', 'partner:decide', 'partner:read'])
const anna = { endUserId: seededId('Member', 'northwind:1') }

interface Application {
  readonly id: string
  readonly status: string
  readonly organization: { readonly id: string; readonly status: string } | null
}

describe('applications of strangers', () => {
  let graph: PartnerUnderTest
  beforeAll(async () => {
    graph = await startPartner()
  })
  afterAll(() => graph.stop())

  const submit = (changes: object = {}, key?: string) =>
    graph.mutate<Application>(page, {
      name: 'submitPartnerApplication',
      entity: 'partnerApplication',
      fields: 'id status organization { id status }',
      input: {
        name: 'Bergwerk Systeme',
        type: 'RESELLER',
        country: 'DE',
        website: 'https://www.bergwerk.example',
        applicantName: 'Ada Boss',
        applicantEmail: 'ada@bergwerk.example',
        planHandle: 'trial',
        ...changes,
      },
      ...(key === undefined ? {} : { key }),
    })
  const confirm = (id: string, approve = true) =>
    graph.mutate<Application>(page, {
      name: 'confirmPartnerApplication',
      entity: 'partnerApplication',
      fields: 'id status organization { id status }',
      input: { id, planName: 'Trial', approve },
    })
  const mails = (to: string) => graph.connection.collection('mail_queue').find({ to }).sort({ _id: 1 }).toArray()

  it('become organizations when their address is confirmed, and events tell billing the plan', async () => {
    const email = 'one@applied.example'
    const { entity } = await submit({ applicantEmail: ` ${email.toUpperCase()} ` })
    expect(entity).toMatchObject({ status: 'UNCONFIRMED', organization: null })
    expect((await mails(email)).map(({ kind, linkSubject }) => [kind, linkSubject])).toEqual([
      ['confirm-address', entity.id],
    ])
    const confirmed = await confirm(entity.id)
    expect(confirmed.entity).toMatchObject({ status: 'APPROVED', organization: { status: 'APPROVED' } })
    expect((await mails(email)).map(({ kind }) => kind)).toEqual(['confirm-address', 'application-approved'])
    const [event] = (await graph.events('partner_application.approved')).filter(({ subject }) => subject === entity.id)
    expect(event?.data).toEqual({ organizationId: confirmed.entity.organization?.id, planHandle: 'trial' })
  })

  it('are confirmed once, whoever presses the button at the same time, and one of an address only', async () => {
    const email = 'two@applied.example'
    const [first, second] = [await submit({ applicantEmail: email }), await submit({ applicantEmail: email })]
    const outcomes = await Promise.all(
      [first, first, second, second].map(({ entity }) => confirm(entity.id).then(({ userErrors }) => userErrors)),
    )
    const codes = outcomes.flatMap((errors) => errors.map(({ code }) => code))
    expect(outcomes.filter((errors) => errors.length === 0)).toHaveLength(1)
    expect(codes).toHaveLength(3)
    expect(codes.filter((code) => code !== 'ALREADY_REGISTERED' && code !== 'ILLEGAL_TRANSITION')).toEqual([])
  })

  it('are forgotten after three days, and may be written again after a rejection or an end', async () => {
    const email = 'three@applied.example'
    const late = await submit({ applicantEmail: email })
    graph.advanceClock(3 * dayMs)
    expect((await confirm(late.entity.id)).userErrors[0]?.code).toBe('NOT_FOUND')
    const rejected = await confirm((await submit({ applicantEmail: email })).entity.id, false)
    const id = rejected.entity.organization?.id ?? ''
    await graph.mutate(operator, {
      name: 'decideApplication',
      entity: 'organization',
      input: { id, decision: 'REJECT', reason: 'no' },
    })
    const again = await confirm((await submit({ applicantEmail: email })).entity.id)
    expect(again.entity.status).toBe('APPROVED')
    await graph.mutate(operator, {
      name: 'terminateOrganization',
      entity: 'organization',
      input: { id: again.entity.organization?.id, reason: 'over' },
    })
    expect((await confirm((await submit({ applicantEmail: email })).entity.id)).entity.status).toBe('APPROVED')
  })

  it('must obey the extra fields, of which those for the operator are not there', async () => {
    const field = { target: 'ORGANIZATION', key: 'chamber', label: 'Chamber of commerce', type: 'TEXT', required: true }
    const made = await graph.mutate(operator, { name: 'createExtraField', entity: 'extraField', input: field })
    const missing = await submit({ applicantEmail: 'four@applied.example' })
    expect(missing.userErrors.map(({ code }) => code)).toEqual(['EXTRA_FIELD_REQUIRED'])
    const extraFields = [
      { key: 'chamber', value: 'Kempten' },
      { key: 'creditLimit', value: '1000000' },
    ]
    const hidden = await submit({ applicantEmail: 'four@applied.example', extraFields })
    expect(hidden.userErrors.map(({ code }) => code)).toEqual(['EXTRA_FIELD_UNKNOWN'])
    const retired = { id: made.entity.id, retired: true }
    await graph.mutate(operator, { name: 'updateExtraField', entity: 'extraField', input: retired })
  })

  it('are seen by the platform company alone, and submitted by nobody with scopes that can be granted', async () => {
    const list = '{ partnerApplications { nodes { id } } }'
    const partner = await graph.execute(callerOf('northwind'), list)
    expect(partner.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN')
    const { entity } = await submit({ applicantEmail: 'five@applied.example' })
    const query = 'query ($id: ID!) { partnerApplication(id: $id) { id } }'
    expect((await graph.execute(callerOf('northwind'), query, { id: entity.id })).data).toEqual({
      partnerApplication: null,
    })
    const mutation =
      'mutation { confirmPartnerApplication(input: { id: "papp_1", planName: "", approve: true }) { userErrors { code } } }'
    expect((await graph.execute(operator, mutation)).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN')
  })

  it('have one effect by key, and another input with the key is refused', async () => {
    const one = await submit({ applicantEmail: 'six@applied.example' }, 'key-of-six')
    const again = await submit({ applicantEmail: 'six@applied.example' }, 'key-of-six')
    expect(again.entity.id).toBe(one.entity.id)
    expect(await mails('six@applied.example')).toHaveLength(1)
  })
})

describe('nobody gives what they do not have', () => {
  let graph: PartnerUnderTest
  beforeAll(async () => {
    graph = await startPartner()
  })
  afterAll(() => graph.stop())

  const narrow = ['apps:read', 'apps:write', 'catalog:read']
  const register = (caller: ReturnType<typeof callerOf>, scopes: readonly string[]) =>
    graph.mutate(caller, {
      name: 'registerApp',
      entity: 'app',
      input: { name: 'New', environment: 'SANDBOX', scopes },
    })
  const keyOf = (caller: ReturnType<typeof callerOf>, appId: string) =>
    graph.mutate(caller, {
      name: 'createAppCredential',
      entity: 'appCredential',
      fields: 'id',
      input: { appId, label: 'new' },
    })

  it('an app that may register apps gives them its own scopes at most, and so it is with keys', async () => {
    expect(codesOf(await register(northwind(narrow), ['catalog:read']))).toEqual([])
    expect(codesOf(await register(northwind(narrow), ['catalog:read', 'deals:write']))).toEqual(['SCOPE_NOT_HELD'])
    const { entity: rich } = await register(callerOf('northwind'), ['catalog:read', 'deals:write'])
    expect(codesOf(await keyOf(northwind(narrow), rich.id))).toEqual(['SCOPE_NOT_HELD'])
    expect(codesOf(await keyOf(northwind([...narrow, 'deals:write']), rich.id))).toEqual([])
  })

  it('an edit adds no scope that its caller lacks, and keeps or takes those that are there', async () => {
    const { entity: app } = await register(callerOf('northwind'), ['catalog:read', 'deals:write'])
    const update = (scopes: readonly string[]) =>
      graph.mutate(northwind(narrow), { name: 'updateApp', entity: 'app', input: { id: app.id, scopes } })
    expect(codesOf(await update(['catalog:read', 'deals:write', 'deals:read']))).toEqual(['SCOPE_NOT_HELD'])
    expect(codesOf(await update(['catalog:read', 'deals:write']))).toEqual([])
    expect(codesOf(await update(['catalog:read']))).toEqual([])
  })

  it('a DEVELOPER gives no app what is an ADMIN to do, whatever the app that acts for her may', async () => {
    const developer = callerOf('northwind', anna)
    expect(codesOf(await register(developer, ['catalog:read', 'apps:write']))).toEqual([])
    expect(codesOf(await register(developer, ['partner:write']))).toEqual(['SCOPE_NOT_HELD'])
    const { entity: app } = await register(callerOf('northwind'), ['partner:write'])
    expect(codesOf(await keyOf(developer, app.id))).toEqual(['SCOPE_NOT_HELD'])
  })

  it('an invitation is mailed at most five times, with a link that the next one replaces', async () => {
    const email = 'gast@northwind.example'
    const invited = await graph.mutate<{ id: string; version: number }>(callerOf('northwind'), {
      name: 'inviteMember',
      entity: 'invitation',
      input: { email, role: 'SALES' },
    })
    for (let time = 0; time < 6; time += 1) {
      await graph.mutate(callerOf('northwind'), {
        name: 'resendInvitation',
        entity: 'invitation',
        input: { id: invited.entity.id },
      })
    }
    const mails = await graph.connection.collection('mail_queue').find({ to: email }).toArray()
    expect(mails.map(({ linkSubject }) => linkSubject)).toEqual([1, 2, 3, 4, 5].map((v) => `${invited.entity.id}:${v}`))
    const accept = (version: number) =>
      graph.mutate(page, {
        name: 'acceptMailedInvitation',
        entity: 'member',
        input: { id: invited.entity.id, version, name: 'Gast' },
      })
    expect(codesOf(await accept(5))).toEqual(['INVITATION_EXPIRED'])
    const both = await Promise.all([accept(7), accept(7)])
    expect(both.map(codesOf).toSorted((a, b) => a.length - b.length)).toEqual([[], ['ILLEGAL_TRANSITION']])
  })
})

function northwind(scopes: readonly string[]) {
  return callerOf('northwind', { scopes })
}

function codesOf({ userErrors }: { readonly userErrors: readonly { readonly code: string }[] }): readonly string[] {
  return userErrors.map(({ code }) => code)
}
