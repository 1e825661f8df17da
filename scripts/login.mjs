// `npm run login -- --member mem_…`: a link under which a member chooses a password, from a fresh clone.
import { whenReady } from './prepare/ready.mjs'
import { importBuilt } from './prepare/root.mjs'

void whenReady(() => importBuilt('auth/password-link.js'))
