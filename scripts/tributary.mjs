#!/usr/bin/env node
// `tributary`: the command line client, from a fresh clone too.
import { whenReady } from './prepare/ready.mjs'
import { importBuilt } from './prepare/root.mjs'

void whenReady(() => importBuilt('cli/tributary-main.js'))
