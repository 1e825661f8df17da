import { generateKeyPair, createHash } from 'node:crypto'
import { promisify } from 'node:util'
import type { JWK } from 'jose'
import { isDuplicateKey } from './is-duplicate-key.ts'
import type { AuthModels, SigningKey } from './models.ts'
import type { Seal } from './seal.ts'

export type SigningAlgorithm = SigningKey['alg']
export const signingAlgorithms: readonly SigningAlgorithm[] = ['ES256', 'RS256']

const day = 24 * 60 * 60 * 1000
/** A new key per algorithm comes this often. */
export const rotationMs = 30 * day
/** A new key is published this long before it signs, so that whoever keeps the old list has fetched the new one. */
export const publishedAheadMs = 60 * 60 * 1000
/** A key stays published this long after its successor signs; tokens live for five minutes. */
export const keptMs = day

export interface KeySet {
  /** Private keys, of each algorithm the one that signs first. */
  readonly jwks: { keys: JWK[] }
  readonly publicJwks: { keys: JWK[] }
  /** Which key signs. */
  readonly signing: Readonly<Record<SigningAlgorithm, string>>
  /** Names all keys and their order; another text means another set. */
  readonly version: string
}

export interface SigningKeys {
  /** The keys of now: makes those that are due, drops those whose tokens are gone. */
  current(): Promise<KeySet>
  /** The public keys that there are, without making any. */
  published(): Promise<{ keys: JWK[] }>
}

/** Signing keys in the database, sealed, rotated by age; any number of processes may share them. */
export function createSigningKeys(options: {
  readonly models: Pick<AuthModels, 'keys'>
  readonly seal: Seal
  readonly now: () => Date
}): SigningKeys {
  const { models, seal, now } = options
  const read = (): Promise<SigningKey[]> => models.keys.find().sort({ createdAt: -1, _id: 1 }).lean<SigningKey[]>()
  const opened = ({ _id, alg, sealed }: SigningKey): JWK => ({
    ...(JSON.parse(seal.open(sealed, _id)) as JWK),
    kid: _id,
    alg,
    use: 'sig',
  })

  return {
    async current() {
      const time = now().getTime()
      const turn = Math.floor(time / rotationMs)
      let stored = await read()
      const missing = signingAlgorithms.filter((alg) => !stored.some((key) => key.alg === alg && key.turn >= turn))
      if (missing.length > 0) {
        await Promise.all(missing.map(async (alg) => insertOnce(models, await newKey(alg, turn, { seal, now }))))
        stored = await read()
      }
      const signers = signingAlgorithms.map((alg) =>
        signerOf(
          stored.filter((key) => key.alg === alg),
          time,
        ),
      )
      const over = stored.filter((key) => {
        const signer = signers.find(({ alg }) => alg === key.alg)
        return signer !== undefined && key.createdAt < signer.createdAt && signsSince(signer) + keptMs <= time
      })
      if (over.length > 0) await models.keys.deleteMany({ _id: { $in: over.map(({ _id }) => _id) } })
      const others = stored.filter((key) => !over.includes(key) && !signers.includes(key))
      const ordered = [...signers, ...others]
      const jwks = { keys: ordered.map(opened) }
      return {
        jwks,
        publicJwks: { keys: jwks.keys.map(publicPart) },
        signing: Object.fromEntries(signers.map(({ alg, _id }) => [alg, _id])) as Record<SigningAlgorithm, string>,
        version: ordered.map(({ _id }) => _id).join(' '),
      }
    },
    async published() {
      return { keys: (await read()).map((key) => publicPart(opened(key))) }
    },
  }
}

function signsSince({ createdAt }: SigningKey): number {
  return createdAt.getTime() + publishedAheadMs
}

/** The newest key that has been published for long enough; the first key of all need not wait. */
function signerOf(keys: readonly SigningKey[], time: number): SigningKey {
  const signer = keys.find((key) => signsSince(key) <= time) ?? keys.at(-1)
  if (signer === undefined) throw new Error('there is no signing key')
  return signer
}

function publicPart({ kty, kid, alg, use, crv, x, y, n, e }: JWK): JWK {
  const key = { kty, kid, alg, use, crv, x, y, n, e }
  return Object.fromEntries(Object.entries(key).filter(([, value]) => value !== undefined))
}

async function newKey(
  alg: SigningAlgorithm,
  turn: number,
  { seal, now }: { readonly seal: Seal; readonly now: () => Date },
): Promise<SigningKey> {
  const generate = promisify(generateKeyPair)
  const { privateKey } =
    alg === 'ES256' ? await generate('ec', { namedCurve: 'P-256' }) : await generate('rsa', { modulusLength: 2048 })
  const jwk = privateKey.export({ format: 'jwk' })
  const _id = createHash('sha256')
    .update(JSON.stringify(jwk.x ?? jwk.n))
    .digest('base64url')
    .slice(0, 22)
  return { _id, alg, sealed: seal.seal(JSON.stringify(jwk), _id), turn, createdAt: now() }
}

/** Another process may have made the key of this turn meanwhile; then that one is used. */
async function insertOnce(models: Pick<AuthModels, 'keys'>, key: SigningKey): Promise<void> {
  try {
    await models.keys.create(key)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
  }
}
