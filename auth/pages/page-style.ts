/** The style of all pages; in the page itself, so that it costs no request and its hash can be allowed. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1a2233; --soft: #56617a; --line: #cbd2e0; --paper: #fff; --ground: #eef1f6;
  --accent: #1f4fd1; --on-accent: #fff; --bad: #a3171f; --bad-ground: #fdecec }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf5; --soft: #a7b1c7; --line: #3b4660; --paper: #182033;
  --ground: #0e1422; --accent: #8fb0ff; --on-accent: #0b1226; --bad: #ffb3b3; --bad-ground: #3a1a1f } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; grid-template-columns: minmax(0, 1fr); place-items: center; padding: 1.5rem 1rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 27rem; background: var(--paper); border: 1px solid var(--line); border-radius: .75rem;
  padding: 2rem 1.75rem }
.brand { margin: 0 0 1.25rem; color: var(--soft); font-size: .875rem; font-weight: 600; letter-spacing: .02em }
h1 { margin: 0 0 .5rem; font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere }
p { margin: 0 0 1rem; overflow-wrap: anywhere }
.soft { color: var(--soft); font-size: .9375rem }
label { display: block; margin: 1rem 0 .3rem; font-weight: 600 }
main.wide { max-width: 46rem }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem }
a { color: var(--accent) }
a.button { display: inline-block; padding: .7rem 1rem; border-radius: .4rem; background: var(--accent); color: var(--on-accent);
  font-weight: 600; text-decoration: none }
fieldset { margin: 1rem 0 0; padding: 0; border: 0 }
legend { padding: 0; font-weight: 600 }
label.choice { display: flex; gap: .6rem; align-items: baseline; margin: .5rem 0 0; font-weight: 400 }
label.choice input { width: auto }
label.choice small { display: block; color: var(--soft); font-size: .875rem }
.optional { margin-left: .4rem; color: var(--soft); font-size: .875rem; font-weight: 400 }
.hint { display: block; color: var(--soft); font-size: .875rem; font-weight: 400 }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 1.5rem; padding-bottom: .75rem; border-bottom: 1px solid var(--line) }
nav form { margin-left: auto }
.scroll { overflow-x: auto }
table { width: 100%; border-collapse: collapse; font-size: .9375rem }
th, td { padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top }
td form { display: flex; gap: .5rem; flex-wrap: wrap }
td button { flex: none; padding: .3rem .6rem; font-size: .875rem }
td select, td input { width: auto; padding: .3rem .5rem; font-size: .875rem }
pre { overflow: auto; max-height: 24rem; padding: .85rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--ground);
  font: .8125rem/1.5 ui-monospace, monospace }
.problem ul { margin: 0; padding-left: 1.1rem }
.done { border-left: 4px solid var(--accent); background: var(--ground); padding: .65rem .85rem; border-radius: .25rem; margin: 0 0 1rem }
input, select, textarea { width: 100%; padding: .65rem .75rem; border: 1px solid var(--soft); border-radius: .4rem; background: var(--paper);
  color: inherit; font: inherit }
input.key, textarea { font: .875rem/1.5 ui-monospace, monospace }
input.code { text-transform: uppercase; letter-spacing: .15em; font-family: ui-monospace, monospace; font-size: 1.25rem }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.problem { border-left: 4px solid var(--bad); background: var(--bad-ground); color: var(--bad); padding: .65rem .85rem;
  border-radius: .25rem; margin: 0 0 1rem }
ul.scopes { list-style: none; margin: 1rem 0; padding: 0; border-block: 1px solid var(--line) }
ul.scopes li { padding: .6rem 0; border-top: 1px solid var(--line) }
ul.scopes li:first-child { border-top: 0 }
ul.scopes code { display: block; color: var(--soft); font-size: .8125rem }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem }
button { flex: 1 1 9rem; padding: .7rem 1rem; border: 1px solid var(--accent); border-radius: .4rem; font: inherit;
  font-weight: 600; cursor: pointer; background: transparent; color: var(--accent) }
button.main { background: var(--accent); color: var(--on-accent) }
button.link { flex: none; padding: 0; border: 0; text-decoration: underline; font-weight: 400 }
.big { font: 600 1.75rem/1.2 ui-monospace, monospace; letter-spacing: .12em; margin: 1rem 0 }
.switch { margin: 1.25rem 0 0 }
`
