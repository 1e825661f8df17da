import { randomUUID } from 'node:crypto'
import { isAppKey } from '../../kit/app-key.ts'
import { isIdOf } from '../../kit/ids.ts'
import { appPage, appsPage, newAppPage } from '../pages/apps-page.ts'
import { firstCallPage } from '../pages/first-call-page.ts'
import { givenExtraFields } from '../pages/form-fields.ts'
import { messagePage } from '../pages/message-page.ts'
import type { PageAnswer } from '../web-page.ts'
import type { OwnApp } from './account-desk.ts'
import type { AccountVisit } from './account-visit.ts'
import { callGraph, curlOf, firstQuery } from './first-call.ts'

/** In a quarter of an hour, of one member: the app's own limits count besides. */
const mostCalls = 300

/** The list of apps. */
export async function answerApps({ frame, own }: AccountVisit): Promise<PageAnswer> {
  const apps = await own.apps()
  const plans = await own.plans(apps.map(({ id }) => id))
  return { status: 200, body: appsPage(frame, { apps, plans, managesApps: own.managesApps }) }
}

/** The form of a new app, which leads to the app. */
export async function answerNewApp({ frame, own, desk, form, declaredScopes }: AccountVisit): Promise<PageAnswer> {
  const [extraFields, declared] = await Promise.all([desk.extraFields('APP'), declaredScopes()])
  const { scopes } = own
  const show = (status: number, refusals: readonly { message: string }[]): PageAnswer => ({
    status,
    body: newAppPage(frame, { once: randomUUID(), scopes, declared, extraFields, form, refusals }),
  })
  if (form === null) return show(200, [])
  const input = {
    name: form.get('name') ?? '',
    environment: form.get('environment') === 'LIVE' ? 'LIVE' : 'SANDBOX',
    scopes: form.getAll('scope'),
    extraFields: givenExtraFields(extraFields, form),
  }
  const { id, refusals } = await own.registerApp(input, onceOf(form))
  return id === null ? show(422, refusals) : { to: `/oauth/account/app?id=${id}` }
}

/** One app: its keys, a new one, an end to one. */
export async function answerApp(visit: AccountVisit): Promise<PageAnswer> {
  const { frame, own, form, query } = visit
  const app = await findApp(visit, form?.get('id') ?? query.get('id'))
  if (app === null) return noApp
  const show = async (status: number, refusals: readonly { message: string }[]): Promise<PageAnswer> => {
    const [plans, declared] = await Promise.all([own.plans([app.id]), visit.declaredScopes()])
    const plan = plans.get(app.id)
    const { managesApps } = own
    return { status, body: appPage(frame, { app, declared, plan, once: randomUUID(), managesApps, refusals }) }
  }
  if (form === null) return show(200, [])
  if (form.get('action') === 'revoke-key') {
    const refusals = await own.revokeKey(form.get('credential') ?? '')
    return refusals.length > 0 ? show(409, refusals) : { to: `/oauth/account/app?id=${app.id}` }
  }
  const { key, refusals } = await own.createKey({ appId: app.id, label: form.get('label') ?? '' }, onceOf(form))
  if (key === null) return show(422, refusals)
  return { status: 200, body: firstCallPage(frame, callOf(visit, app, { key, query: firstQuery(app.scopes) }, true)) }
}

/** A call of the graph with an app's key. */
export async function answerFirstCall(visit: AccountVisit): Promise<PageAnswer> {
  const { frame, form, query: search, attempts, graphCalled } = visit
  const app = await findApp(visit, form?.get('app') ?? search.get('app'))
  if (app === null) return noApp
  const call = { key: form?.get('key')?.trim() ?? '', query: form?.get('query') ?? firstQuery(app.scopes) }
  const shown = callOf(visit, app, call, false)
  if (form === null) return { status: 200, body: firstCallPage(frame, shown) }
  if (!isAppKey(call.key)) {
    const refusals = [{ message: 'This is no key; it begins with trb_ and was shown when it was made.' }]
    return { status: 422, body: firstCallPage(frame, { ...shown, refusals }) }
  }
  if (!(await attempts.admit(`first call ${frame.member.memberId}`, mostCalls))) {
    return { status: 429, body: messagePage('Too many calls', 'Use a terminal, or try again in a quarter of an hour.') }
  }
  const answer = await callGraph(graphCalled, { appId: app.id, ...call })
  return { status: 200, body: firstCallPage(frame, { ...shown, answer: answer ?? null }) }
}

const noApp: PageAnswer = {
  status: 404,
  body: messagePage('There is no such app', 'It may be revoked.', undefined, {
    href: '/oauth/account',
    label: 'Your apps',
  }),
}

async function findApp({ own }: AccountVisit, id: string | null | undefined): Promise<OwnApp | null> {
  if (id == null || !isIdOf('App', id) || !own.scopes.includes('apps:read')) return null
  const app = await own.app(id)
  return app?.status === 'ACTIVE' ? app : null
}

function callOf(
  { frame }: AccountVisit,
  { id: appId, name: appName }: OwnApp,
  { key, query }: { readonly key: string; readonly query: string },
  isNew: boolean,
) {
  return { appId, appName, key, query, isNew, curl: curlOf(frame.graphUrl, { appId, key, query }) }
}

/** What is sent twice from one page has one effect. */
function onceOf(form: URLSearchParams): string {
  const once = form.get('once') ?? ''
  return /^[0-9a-f-]{36}$/.test(once) ? once : randomUUID()
}
