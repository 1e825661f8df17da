import type { Adapter, AdapterPayload } from 'oidc-provider'
import type { AuthModels, AuthRecord } from './models.ts'
import type { Revocations } from './revocations.ts'
import type { Seal } from './seal.ts'

interface AdapterDependencies {
  readonly models: Pick<AuthModels, 'records'>
  readonly seal: Seal
  readonly revocations: Revocations
  /** Made by a second use of what may be used once. */
  readonly reuseError: () => Error
}

/** Keeps what oidc-provider stores of one kind in `auth_records`; its interface is documented there. */
export function createOidcAdapter(kind: string, dependencies: AdapterDependencies): Adapter {
  const { models, seal, revocations, reuseError } = dependencies
  const nameOf = (id: string) => `${kind}:${seal.fingerprint(id)}`
  const aliasOf = (alias: string) => `${kind}:${seal.fingerprint(alias)}`

  const open = (record: AuthRecord | null): AdapterPayload | undefined => {
    if (record === null) return undefined
    const payload = JSON.parse(seal.open(record.sealed, record._id)) as AdapterPayload
    return record.consumedAt === null
      ? payload
      : { ...payload, consumed: Math.floor(record.consumedAt.getTime() / 1000) }
  }
  const findOne = async (filter: Readonly<Record<string, string>>) =>
    open(await models.records.findOne(filter).lean<AuthRecord>())
  const revokeByGrantId = async (grantId: string): Promise<void> => {
    await revocations.add(grantId)
    // The grant goes too: a token that a later sign-in gave under its id would be refused as revoked.
    await models.records.deleteMany({ $or: [{ grantId }, { _id: `Grant:${seal.fingerprint(grantId)}` }] })
  }

  return {
    async upsert(id, payload, expiresIn) {
      const _id = nameOf(id)
      const alias = payload.userCode ?? payload.uid
      const fields: Omit<AuthRecord, '_id' | 'consumedAt'> = {
        kind,
        sealed: seal.seal(JSON.stringify(payload), _id),
        grantId: kind === 'Grant' ? null : (payload.grantId ?? null),
        alias: alias === undefined ? null : aliasOf(alias),
        expiresAt: expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000),
      }
      await models.records.updateOne({ _id }, { $set: fields, $setOnInsert: { consumedAt: null } }, { upsert: true })
    },
    find: (id) => findOne({ _id: nameOf(id) }),
    findByUid: (uid) => findOne({ alias: aliasOf(uid) }),
    findByUserCode: (userCode) => findOne({ alias: aliasOf(userCode) }),
    async consume(id) {
      const _id = nameOf(id)
      const { modifiedCount } = await models.records.updateOne(
        { _id, consumedAt: null },
        { $set: { consumedAt: new Date() } },
      )
      if (modifiedCount === 1) return
      // Two requests have read it as unused: the second one is a reuse like any other, and ends the grant.
      const record = await models.records.findOne({ _id }).lean<AuthRecord>()
      if (record?.grantId) await revokeByGrantId(record.grantId)
      throw reuseError()
    },
    async destroy(id) {
      // Access tokens are verified without asking here, so that they are told as revoked; so are those of a grant.
      if (kind === 'Grant' || kind === 'AccessToken' || kind === 'ClientCredentials') await revocations.add(id)
      await models.records.deleteOne({ _id: nameOf(id) })
    },
    revokeByGrantId,
  }
}
