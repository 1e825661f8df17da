import { type FormEvent, useEffect, useRef, useState } from 'react'
import { Answered, Empty, ProblemNotice } from '../answered.tsx'
import { type CheckAnswer, checkFields } from '../answers.ts'
import { askRegistry, type RegistryProblem } from '../ask-registry.ts'
import { CheckReport } from '../check-report.tsx'
import { useRegistry } from '../registry-context.ts'
import { asProblem, useAnswer } from '../use-answer.ts'
import { CheckFields, type TextToCheck } from './check-fields.tsx'

const query = `query CheckSubgraph($input: CheckSubgraphInput!) {
  checkSubgraph(input: $input) { ${checkFields} }
}`

type Run =
  | { state: 'idle' | 'running' }
  | { state: 'failed'; problem: RegistryProblem }
  | { state: 'checked'; check: CheckAnswer; subgraph: string; sdl: string }

const versionQuery = `query VersionToCheck($id: ID!) { subgraphVersion(id: $id) { subgraph url sdl } }`

/** The form of a check, with the text of a published version where the address names one. */
export function CheckView() {
  const { place } = useRegistry()
  if (place.id === undefined) return <CheckForm begin={{ subgraph: place.subgraph ?? '', url: '', sdl: '' }} />
  return <CheckOfVersion key={place.id} id={place.id} />
}

function CheckOfVersion({ id }: { id: string }) {
  const { credentials } = useRegistry()
  const { answer, again } = useAnswer<{ subgraphVersion: TextToCheck | null }>(credentials, versionQuery, { id })
  return (
    <Answered answer={answer} again={again} loading="Reading the version…">
      {({ subgraphVersion }) =>
        subgraphVersion === null ? <Empty title="There is no such version." /> : <CheckForm begin={subgraphVersion} />
      }
    </Answered>
  )
}

/** A subgraph's text and URL, and what publishing them would come to. Nothing is stored. */
function CheckForm({ begin }: { begin: TextToCheck }) {
  const { credentials, place } = useRegistry()
  const [run, setRun] = useState<Run>({ state: 'idle' })
  const result = useRef<HTMLHeadingElement>(null)
  const form = useRef<HTMLFormElement>(null)

  useEffect(() => {
    if (run.state === 'checked') result.current?.focus()
  }, [run])

  async function check(fields: FormData): Promise<void> {
    const text = (name: string): string => {
      const value = fields.get(name)
      return typeof value === 'string' ? value : ''
    }
    const subgraph = text('subgraph').trim()
    const sdl = text('sdl')
    const accepted = text('accept')
      .split(/[\s,]+/)
      .filter((coordinate) => coordinate !== '')
    setRun({ state: 'running' })
    try {
      const { checkSubgraph } = await askRegistry<{ checkSubgraph: CheckAnswer }>(credentials, query, {
        input: {
          environment: place.environment,
          subgraph,
          sdl,
          url: text('url').trim() || null,
          replaceShipped: fields.get('replace') !== null,
          acceptBreaking: accepted,
          usageDays: Number(text('days')),
        },
      })
      setRun({ state: 'checked', check: checkSubgraph, subgraph, sdl })
    } catch (error) {
      setRun({ state: 'failed', problem: asProblem(error) })
    }
  }

  function onSubmit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    void check(new FormData(event.currentTarget))
  }

  return (
    <>
      <p>
        What publishing in the {place.environment.toLowerCase()} graph would come to. Nothing is stored; the same as{' '}
        <code>tributary schema check</code>.
      </p>
      <form ref={form} className="check-form card" onSubmit={onSubmit}>
        <CheckFields begin={begin} />
        <button type="submit" className="button button-primary" disabled={run.state === 'running'}>
          {run.state === 'running' ? 'Checking…' : 'Check'}
        </button>
      </form>
      <div aria-live="polite" aria-busy={run.state === 'running'}>
        {run.state === 'running' && (
          <p className="quiet waiting">Composing the whole graph with it, and asking who uses what changes…</p>
        )}
        {run.state === 'failed' && <ProblemNotice problem={run.problem} again={() => form.current?.requestSubmit()} />}
      </div>
      {run.state === 'checked' && (
        <section aria-labelledby="check-title">
          <h2 id="check-title" ref={result} tabIndex={-1}>
            What the checks say of {run.subgraph}
          </h2>
          <CheckReport check={run.check} subgraph={run.subgraph} sdl={run.sdl} />
        </section>
      )}
    </>
  )
}
