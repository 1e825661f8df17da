import { type ChangeEvent, useRef, useState } from 'react'

/** What the form begins with. */
export interface TextToCheck {
  subgraph: string
  url: string
  sdl: string
}

const longestSdl = 200_000

/** What is to be checked: name, text (pasted, or of a file), URL, and what the author accepts. */
export function CheckFields({ begin }: { begin: TextToCheck }) {
  const text = useRef<HTMLTextAreaElement>(null)
  const [refused, setRefused] = useState<string | null>(null)

  async function onFile(event: ChangeEvent<HTMLInputElement>): Promise<void> {
    const file = event.target.files?.[0]
    if (!file || !text.current) return
    if (file.size > longestSdl) {
      setRefused(`${file.name} has ${file.size} bytes, and at most ${longestSdl} are taken. Is it the SDL?`)
      return
    }
    setRefused(null)
    text.current.value = await file.text()
  }

  return (
    <>
      <label>
        Subgraph
        <input
          name="subgraph"
          required
          defaultValue={begin.subgraph}
          placeholder="loyalty"
          pattern="[a-z][a-z0-9\-]{0,39}"
          title="1 to 40 lower-case letters, digits and dashes, beginning with a letter"
          autoComplete="off"
          spellCheck={false}
        />
      </label>
      <label>
        URL <span className="quiet">where gateways would reach it; that of its current version when left empty</span>
        <input
          name="url"
          defaultValue={begin.url}
          placeholder="https://loyalty.internal/graphql"
          autoComplete="off"
          spellCheck={false}
        />
      </label>
      <label>
        SDL
        <textarea
          name="sdl"
          ref={text}
          defaultValue={begin.sdl}
          required
          rows={12}
          maxLength={longestSdl}
          spellCheck={false}
        />
      </label>
      <label className="file-field">
        or take it from a file
        <input type="file" accept=".graphql,.graphqls,.gql,text/plain" onChange={(event) => void onFile(event)} />
      </label>
      {refused !== null && (
        <p role="alert" className="error-text">
          {refused}
        </p>
      )}
      <details>
        <summary>More</summary>
        <label>
          Breaking changes that you accept{' '}
          <span className="quiet">coordinates, parted by commas, for example Product.name</span>
          <input name="accept" autoComplete="off" spellCheck={false} />
        </label>
        <label>
          Usage that counts
          <select name="days" defaultValue="30">
            {['7', '30', '60', '90'].map((days) => (
              <option key={days} value={days}>
                the last {days} days
              </option>
            ))}
          </select>
        </label>
        <label className="check-field">
          <input type="checkbox" name="replace" />
          It takes the place of a subgraph that comes with the product
        </label>
      </details>
    </>
  )
}
