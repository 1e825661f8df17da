import 'graphiql/setup-workers/vite'
import '@graphiql/react/style.css'
import '@graphiql/plugin-doc-explorer/style.css'
import 'graphiql/graphiql.css'
import './explorer.css'
import { GraphiQL } from 'graphiql'
import { useEffect, useMemo, useState } from 'react'
import type { Credentials } from '../caller/credentials.ts'
import type { SampleOperation } from '../caller/portal-session.ts'
import type { RunReport } from '../cost/run-report.ts'
import { createStreamClient } from '../graph/stream-client.ts'
import { createExplorerFetcher } from './create-explorer-fetcher.ts'
import { editorThemes } from './editor-themes.ts'
import { firstTab, sampleTab } from './first-tab.ts'
import { useColorScheme } from './use-color-scheme.ts'

export interface ExplorerProps {
  credentials: Credentials
  /** Where the graph, or the part of it, answers. */
  path: string
  samples: SampleOperation[]
  onReport: (report: RunReport) => void
}

const editorTheme = { light: editorThemes.light.name, dark: editorThemes.dark.name }
const noPlugins: [] = []

/** GraphiQL with the samples as tabs. Whatever it remembers, it remembers for this browser tab only. */
export default function Explorer({ credentials, path, samples, onReport }: ExplorerProps) {
  const streams = useMemo(() => createStreamClient(credentials, path), [credentials, path])
  useEffect(() => () => void streams.dispose(), [streams])
  const fetcher = useMemo(
    () => createExplorerFetcher({ credentials, path, streams, onReport }),
    [credentials, path, streams, onReport],
  )
  const [tabs] = useState(() => samples.map(sampleTab))
  const [first] = useState(() => firstTab(samples, sessionStorage))
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={tabs}
      {...(first?.query && { initialQuery: first.query })}
      {...(first?.variables && { initialVariables: first.variables })}
      plugins={noPlugins}
      storage={sessionStorage}
      shouldPersistHeaders={false}
      isHeadersEditorEnabled={false}
      forcedTheme={useColorScheme()}
      editorTheme={editorTheme}
      defaultEditorToolsVisibility={tabs.some(({ variables }) => variables !== null)}
      schemaDescription
    >
      <GraphiQL.Logo>
        <span className="explorer-logo">GraphiQL</span>
      </GraphiQL.Logo>
    </GraphiQL>
  )
}
