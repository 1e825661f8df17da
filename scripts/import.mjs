// `npm run import -- <kind> <file>`: imports a file into a running product, from a fresh clone.
import { whenReady } from './prepare/ready.mjs'
import { importBuilt } from './prepare/root.mjs'

void whenReady(() => importBuilt('cli/import-main.js'))
