// `npm run simulate`: sells and restocks against a running product, from a fresh clone.
import { whenReady } from './prepare/ready.mjs'
import { importBuilt } from './prepare/root.mjs'

void whenReady(() => importBuilt('simulate/main.js'))
