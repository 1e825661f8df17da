import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthUnderTest, startAuth } from './auth-under-test.ts'
import { awaitMail, readOutbox } from './outbox.ts'
import { apply, belowHead, buttonOf, choosePasswordAndSignIn, textOf } from './sign-up-visit.ts'
import { type Stop, type Visitor, createVisitor } from './visitor.ts'

const password = 'two words and a third'

describe('the way from the sign-up to the first call', () => {
  let auth: AuthUnderTest

  beforeAll(async () => {
    auth = await startAuth()
  }, 120_000)
  afterAll(() => auth?.[Symbol.asyncDispose]())

  const mailTo = (to: string, subject: string) => awaitMail(auth.dataDir, to, subject)
  const confirm = async (visitor: Visitor, email: string, nth = 1): Promise<Stop> => {
    const [link = ''] = (await awaitMail(auth.dataDir, email, 'Confirm', nth)).links
    return visitor.submit(await visitor.open(link), {})
  }
  /** A company on the trial plan whose administrator is signed in. */
  const join = async (email: string): Promise<{ readonly visitor: Visitor; readonly home: Stop }> => {
    const visitor = createVisitor(auth.url)
    await apply(auth.url, { applicantEmail: email, name: `Company of ${email}` })
    const link = buttonOf(await confirm(visitor, email))
    return { visitor, home: await choosePasswordAndSignIn(visitor, { link, email, password }) }
  }
  it('leads a stranger to an app on the trial plan, which reads, writes nothing, and calls 100 times', async () => {
    const email = 'ada@trial.example'
    const applied = await apply(auth.url, { applicantEmail: email })
    expect(applied.status).toBe(200)
    expect(textOf(applied)).toContain('Look into your mailbox')
    const visitor = createVisitor(auth.url)
    const welcome = await confirm(visitor, email)
    expect(textOf(welcome)).toContain('Bergwerk Systeme is a partner now')
    const [link = ''] = (await mailTo(email, 'Bergwerk Systeme is a partner now')).links
    const home = await choosePasswordAndSignIn(visitor, { link, email, password })
    expect(textOf(home)).toContain('signed in as Ada Boss (ADMIN)')

    const app = await createApp(visitor)
    expect(textOf(app)).toContain('First app')
    const keyPage = await createKey(visitor, app)
    const key = /<input class="key"[^>]*value="(trb_test_[^"]+)"/.exec(keyPage.html)?.[1] ?? ''
    const appId = /App id <code>(app_\w+)/.exec(app.html)?.[1] ?? ''
    const called = await visitor.submit(belowHead(keyPage), {
      key,
      query: '{ products(first: 1) { nodes { name } } }',
    })
    expect(textOf(called)).toContain('HTTP 200. It cost 2 points; ')
    expect(textOf(called)).toContain('monthly-calls: 99 left')
    expect(textOf(await visitor.open(`/oauth/account/app?id=${appId}`))).toContain(
      'Plan Trial: reads only, 100 calls a month.',
    )

    const credentials = { appId, key }
    const refused = await auth.ask(
      credentials,
      'mutation { revokeApp(input: { id: "app_1" }) { userErrors { code } } }',
    )
    expect(refused.errors?.[0]?.extensions['code']).toBe('PLAN_FORBIDS')
    for (let call = 2; call <= 100; call += 1) {
      const { errors } = await auth.ask(credentials, '{ products(first: 1) { nodes { id } } }')
      expect(errors).toBeUndefined()
    }
    const last = await auth.ask(credentials, '{ products(first: 1) { nodes { id } } }')
    expect(last.errors?.[0]?.extensions['code']).toBe('QUOTA_EXCEEDED')
  }, 60_000)

  it('shows a plan by request to the operator, whose approval gives it to the first app and to no other', async () => {
    const email = 'bea@scale.example'
    await apply(auth.url, { applicantEmail: email, name: 'Scale Company', plan: 'scale' })
    const confirmed = await confirm(createVisitor(auth.url), email)
    expect(textOf(confirmed)).toContain('Somebody looks at the application of Scale Company now')
    await mailTo(email, 'We have received the application of Scale Company')

    const query =
      '{ partnerApplications(status: SUBMITTED) { nodes { planHandle applicantEmail organization { id } } } }'
    const { data } = await auth.ask(auth.operator, query)
    const [application] = data.partnerApplications.nodes
    expect(application).toMatchObject({ planHandle: 'scale', applicantEmail: email })
    const decide = () =>
      auth.ask(
        auth.operator,
        'mutation ($id: ID!) { decideApplication(input: { id: $id, decision: APPROVE }) { userErrors { code } } }',
        { id: application.organization.id },
      )
    const outcomes = await Promise.all([decide(), decide()])
    const codes = outcomes.map((outcome) =>
      outcome.data.decideApplication.userErrors.map(({ code }: { code: string }) => code),
    )
    expect(codes.toSorted((a, b) => a.length - b.length)).toEqual([[], ['ILLEGAL_TRANSITION']])

    const visitor = createVisitor(auth.url)
    const [link = ''] = (await mailTo(email, 'Scale Company is a partner now')).links
    await choosePasswordAndSignIn(visitor, { link, email, password })
    const first = await createApp(visitor)
    const plan = async (app: Stop, name: string): Promise<void> =>
      expect.poll(async () => textOf(await visitor.open(app.url))).toContain(`Plan ${name}:`)
    await plan(first, 'Scale')
    await plan(await createApp(visitor, { name: 'Second app' }), 'Trial')
    const mails = (await readOutbox(auth.dataDir, email)).filter(({ subject }) => subject.includes('is a partner now'))
    expect(mails).toHaveLength(1)
  }, 60_000)

  it('rejects with a reason that the applicant reads, who may apply again', async () => {
    const email = 'cem@reject.example'
    await apply(auth.url, { applicantEmail: email, name: 'Rejected Company', plan: 'growth' })
    await confirm(createVisitor(auth.url), email)
    const visitor = await operatorSignsIn()
    const queue = await visitor.open('/oauth/account/applications')
    expect(textOf(queue)).toContain('Rejected Company')
    const organization =
      /name="organization" value="(org_\w+)"/.exec(queue.html.slice(queue.html.indexOf('Rejected Company')))?.[1] ?? ''
    const silent = await visitor.submit(belowHead(queue), { organization, action: 'REJECT', reason: '' })
    expect(silent.status).toBe(409)
    expect(textOf(silent)).toContain('Tell the partner why.')
    const after = await visitor.submit(belowHead(queue), {
      organization,
      action: 'REJECT',
      reason: 'We have one there.',
    })
    expect(textOf(after)).not.toContain('Rejected Company')
    expect((await mailTo(email, 'About the application')).raw).toContain('We have one there.')
    await apply(auth.url, { applicantEmail: email, name: 'Rejected Company' })
    expect(textOf(await confirm(createVisitor(auth.url), email, 2))).toContain('is a partner now')
  }, 60_000)

  it('answers the same for an address that is known, and tells only its owner', async () => {
    const known = await apply(auth.url, { applicantEmail: auth.person.email, name: 'Copycat' })
    const unknown = await apply(auth.url, { applicantEmail: 'nobody@unknown.example', name: 'Copycat' })
    expect(plain(known, auth.person.email)).toEqual(plain(unknown, 'nobody@unknown.example'))
    const told = await mailTo(auth.person.email, 'You have an account already')
    expect(told.links).toEqual([])
    const forgotten = async (email: string) => {
      const visitor = createVisitor(auth.url)
      return textOf(await visitor.submit(await visitor.open('/oauth/forgotten'), { email }))
    }
    expect(await forgotten(auth.person.email)).toBe(await forgotten('nobody@unknown.example'))
    expect((await mailTo(auth.person.email, 'Choose a new password')).links[0]).toContain('/oauth/password?ticket=')
    expect(await readOutbox(auth.dataDir, 'nobody@unknown.example')).toHaveLength(1)
  })

  it('sends an address three mails a day however often somebody applies with it, and each link confirms once', async () => {
    const email = 'dora@often.example'
    for (let time = 0; time < 5; time += 1) {
      expect((await apply(auth.url, { applicantEmail: email, name: `Often ${time}` })).status).toBe(200)
    }
    await expect.poll(async () => (await readOutbox(auth.dataDir, email)).length).toBe(3)
    const links = (await readOutbox(auth.dataDir, email)).map(({ links: [link = ''] }) => link)
    const press = async (link = ''): Promise<Stop> => {
      const visitor = createVisitor(auth.url)
      return visitor.submit(await visitor.open(link), {})
    }
    // Two applications of one address, each confirmed in two windows at once.
    const pages = await Promise.all([press(links[0]), press(links[0]), press(links[1]), press(links[1])])
    expect(pages.filter((page) => textOf(page).includes('is a partner now'))).toHaveLength(1)
    const query = '{ organizations(first: 10, search: "Often") { totalCount } }'
    expect((await auth.ask(auth.operator, query)).data.organizations.totalCount).toBe(1)
    expect(textOf(await press(links[2]))).toContain('has an account or an application already')
  })

  it('takes no link that is altered, of another purpose, or of another installation', async () => {
    const email = 'ewa@tamper.example'
    await apply(auth.url, { applicantEmail: email })
    const [link = ''] = (await mailTo(email, 'Confirm')).links
    const [head = '', time = '', signature = ''] = link.split('.').slice(-3)
    const visitor = createVisitor(auth.url)
    const tampered = [
      link.replace(signature, `A${signature.slice(1)}`),
      link.replace(time, String(Number(time) + 1)),
      link.replace('/oauth/apply/confirm', '/oauth/password'),
      link.replace('/oauth/apply/confirm', '/oauth/invitation'),
      `${auth.url}/oauth/apply/confirm?ticket=`,
      link.replace(head.slice(-4), '0000'),
    ]
    for (const altered of tampered) {
      const page = await visitor.open(altered)
      expect([page.status, textOf(page).includes('This link does not work')]).toEqual([400, true])
    }
    expect((await visitor.open(link)).status).toBe(200)
  })

  it('refuses hidden plans, foreign forms and hostile input in words, and keeps what was typed', async () => {
    const visitor = createVisitor(auth.url)
    const page = await visitor.open('/oauth/apply')
    expect(page.html).not.toContain('internal')
    const hidden = await apply(auth.url, { plan: 'internal', applicantEmail: 'f@hidden.example' })
    expect([hidden.status, textOf(hidden).includes('Plan: Choose one.')]).toEqual([422, true])
    const hostile = await apply(auth.url, {
      name: '<script>alert(1)</script>',
      website: 'javascript:alert(1)',
      country: 'Germany',
      applicantEmail: 'a@b.example\r\nBcc: victim@c.example',
      x_employees: 'many',
    })
    expect(hostile.status).toBe(422)
    expect(hostile.html).not.toContain('<script>')
    expect(hostile.html).toContain('&lt;script&gt;')
    for (const words of [
      'Website: A website is',
      'Country: A country is',
      'Your e-mail address: This is no',
      'Employees: This is a decimal',
    ]) {
      expect(textOf(hostile)).toContain(words)
    }
    const stranger = createVisitor(auth.url)
    const foreign = await stranger.submit({ ...page, html: page.html }, { name: 'x' })
    expect(foreign.status).toBe(403)
    const crossSite = await visitor.submit(page, {}, { 'sec-fetch-site': 'cross-site' })
    expect(crossSite.status).toBe(403)
  })

  it('takes one application however often one page is sent', async () => {
    const visitor = createVisitor(auth.url)
    const page = await visitor.open('/oauth/apply')
    const form = {
      name: 'Twice',
      type: 'ISV',
      country: 'FR',
      website: 'https://twice.example',
      applicantName: 'T',
      plan: 'trial',
    }
    const send = () => visitor.submit(page, { ...form, applicantEmail: 'gus@twice.example' })
    const answers = await Promise.all([send(), send(), send()])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    const query = '{ partnerApplications(first: 100, status: UNCONFIRMED) { nodes { name } } }'
    const { data } = await auth.ask(auth.operator, query)
    expect(data.partnerApplications.nodes.filter(({ name }: { name: string }) => name === 'Twice')).toHaveLength(1)
  })

  it('has members invited, accepted, given another role and removed, who lose what goes with it', async () => {
    const { visitor } = await join('hal@members.example')
    const members = await visitor.open('/oauth/account/members')
    const invited = await visitor.submit(belowHead(members), {
      email: 'ida@members.example',
      role: 'DEVELOPER',
      action: 'invite',
    })
    expect(textOf(invited)).toContain('A mail with a link is on its way to ida@members.example.')
    const [link = ''] = (await mailTo('ida@members.example', 'You are invited')).links
    const ida = createVisitor(auth.url)
    const joined = await ida.submit(await ida.open(link), { name: 'Ida Kern' })
    await choosePasswordAndSignIn(ida, { link: buttonOf(joined), email: 'ida@members.example', password })
    expect((await ida.open(link)).status).toBe(400)

    const developer = await createApp(ida)
    expect(textOf(developer)).toContain('First app')
    const tooMuch = await createApp(ida, { name: 'Too much', scope: 'partner:write' })
    expect([tooMuch.status, textOf(tooMuch).includes('Nobody can give what they do not have: partner:write')]).toEqual([
      422,
      true,
    ])
    const mayNot = await ida.open('/oauth/account/members')
    expect(mayNot.html).not.toContain('value="remove"')
    expect((await ida.open('/oauth/account/applications')).status).toBe(403)

    const list = await visitor.open('/oauth/account/members')
    const id = /name="id" value="(mem_\w+)"/.exec(list.html.slice(list.html.indexOf('Ida Kern')))?.[1] ?? ''
    await visitor.submit(belowHead(list), { id, role: 'SALES', action: 'change-role' })
    expect(textOf(await ida.open('/oauth/account'))).toContain('Apps are made by members who are ADMIN or DEVELOPER.')
    await visitor.submit(belowHead(list), { id, action: 'remove' })
    expect((await ida.open('/oauth/account')).url).toContain('/oauth/account/sign-in')
  }, 60_000)

  it('signs out everywhere with a new password, and takes no form that is not of this session', async () => {
    const email = 'jon@session.example'
    const { visitor, home } = await join(email)
    const foreign = await visitor.submit(belowHead(await visitor.open('/oauth/account/new-app')), {
      csrf: 'x',
      name: 'x',
    })
    expect(foreign.status).toBe(403)
    const forgetful = createVisitor(auth.url)
    await forgetful.submit(await forgetful.open('/oauth/forgotten'), { email })
    const [link = ''] = (await mailTo(email, 'Choose a new password')).links
    await choosePasswordAndSignIn(forgetful, { link, email, password: 'another that is long' })
    expect((await visitor.open('/oauth/account')).url).toContain('/oauth/account/sign-in')
    expect(textOf(await forgetful.open(link))).toContain('This link does not work')
    const out = await forgetful.submit(home, { csrf: csrfOf(await forgetful.open('/oauth/account')) })
    expect(out.url).toContain('/oauth/account/sign-in')
  })

  it('sends a link for a new password to the member who signs in, whoever else has made members of the address', async () => {
    const email = 'kim@claimed.example'
    const { data: invited } = await auth.ask(
      auth.portal,
      `mutation ($email: String!) { inviteMember(input: { email: $email, role: SALES }) { token } }`,
      { email },
    )
    const { data: claimed } = await auth.ask(
      auth.portal,
      `mutation ($token: String!) { acceptInvitation(input: { token: $token, name: "Not Kim" }) { userErrors { code } } }`,
      { token: invited.inviteMember.token },
    )
    expect(claimed.acceptInvitation.userErrors).toEqual([])
    const { visitor } = await join('lea@claimed.example')
    const members = await visitor.open('/oauth/account/members')
    await visitor.submit(belowHead(members), { email, role: 'SALES', action: 'invite' })
    const [link = ''] = (await awaitMail(auth.dataDir, email, 'You are invited', 2)).links
    const kim = createVisitor(auth.url)
    const joined = await kim.submit(await kim.open(link), { name: 'Kim' })
    await choosePasswordAndSignIn(kim, { link: buttonOf(joined), email, password })
    await kim.submit(await kim.open('/oauth/forgotten'), { email })
    const [another = ''] = (await mailTo(email, 'Choose a new password')).links
    const home = await choosePasswordAndSignIn(kim, { link: another, email, password: 'another that is long' })
    expect(textOf(home)).toContain('signed in as Kim (SALES)')
  })

  async function operatorSignsIn(): Promise<Visitor> {
    const { data } = await auth.ask(
      auth.operator,
      '{ myOrganization { members(first: 1, role: ADMIN) { nodes { id email } } } }',
    )
    const [{ id, email }] = data.myOrganization.members.nodes
    const visitor = createVisitor(auth.url)
    await choosePasswordAndSignIn(visitor, { link: await auth.passwordLink(id), email, password })
    return visitor
  }
})

async function createApp(visitor: Visitor, fields: Record<string, string> = {}): Promise<Stop> {
  return visitor.submit(belowHead(await visitor.open('/oauth/account/new-app')), {
    name: 'First app',
    environment: 'SANDBOX',
    scope: 'catalog:read',
    ...fields,
  })
}

function createKey(visitor: Visitor, app: Stop): Promise<Stop> {
  return visitor.submit(belowHead(app), { action: 'create-key', label: 'first key' })
}

function plain(page: Stop, email: string): readonly unknown[] {
  return [page.status, textOf(page).replace(email, '')]
}

function csrfOf({ html }: Stop): string {
  return /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
}
