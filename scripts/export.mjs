// `npm run export -- <connection>`: writes a list of a running product's graph as CSV or NDJSON, from a fresh clone.
import { whenReady } from './prepare/ready.mjs'
import { importBuilt } from './prepare/root.mjs'

void whenReady(() => importBuilt('cli/export-main.js'))
