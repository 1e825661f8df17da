// `npm run token -- --app app_…`: an access token of this installation, from a fresh clone.
import { whenReady } from './prepare/ready.mjs'
import { importBuilt } from './prepare/root.mjs'

void whenReady(() => importBuilt('gateway/issue-token.js'))
