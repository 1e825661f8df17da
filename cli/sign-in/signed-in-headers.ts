import { SignInError, findAuthorizationServer, refreshTokens } from '../../sdk/device-sign-in.ts'
import type { Authorize } from '../../sdk/graph-client.ts'
import { UsageError } from '../usage-error.ts'
import type { CredentialFile, Login } from './credential-file.ts'

/** A token that ends sooner than this is renewed before it is used. */
const marginMs = 20_000

/** The headers of the person who has signed in at an installation, renewed as needed; null when nobody has. */
export async function signedInHeaders({
  file,
  url,
  signal,
}: {
  readonly file: CredentialFile
  readonly url: string
  readonly signal: AbortSignal
}): Promise<Authorize | null> {
  let login = await file.find(url)
  if (login === null) return null
  return async () => {
    if (login === null || isOld(login)) login = await file.alone(() => renew({ file, url, signal }))
    return { authorization: `Bearer ${login.accessToken}` }
  }
}

async function renew({
  file,
  url,
  signal,
}: {
  readonly file: CredentialFile
  readonly url: string
  readonly signal: AbortSignal
}): Promise<Login> {
  // Read anew, because another command may have renewed it while this one waited for its turn.
  const login = await file.find(url)
  if (login !== null && !isOld(login)) return login
  if (login?.refreshToken == null) throw signInAgain()
  const { clientId, refreshToken } = login
  try {
    const server = await findAuthorizationServer(new URL(url).origin, signal)
    const tokens = await refreshTokens(server, { clientId, refreshToken, signal })
    const renewed: Login = { ...login, ...tokens, refreshToken: tokens.refreshToken ?? refreshToken }
    await file.save(renewed)
    return renewed
  } catch (error) {
    if (!(error instanceof SignInError)) throw error
    await file.forget(url)
    throw signInAgain()
  }
}

const isOld = ({ expiresAt }: Login): boolean => expiresAt - Date.now() < marginMs

function signInAgain(): UsageError {
  return new UsageError('Your sign-in has ended. Sign in again with `tributary login`.')
}
