import type { editor } from 'monaco-editor/esm/vs/editor/editor.api.js'

type EditorTheme = { name: string; data: editor.IStandaloneThemeData }

const transparent = '#00000000'

function createTheme(name: string, base: 'vs' | 'vs-dark', ink: Ink): EditorTheme {
  const quiet = `#${ink.comment}`
  return {
    name,
    data: {
      base,
      inherit: true,
      rules: [
        { token: 'keyword.gql', foreground: ink.keyword },
        { token: 'key.identifier.gql', foreground: ink.field },
        { token: 'argument.identifier.gql', foreground: ink.argument },
        { token: 'type.identifier.gql', foreground: ink.type },
        { token: 'string.key.json', foreground: ink.field },
        { token: 'string.value.json', foreground: ink.text },
        { token: 'string.gql', foreground: ink.text },
        { token: 'number', foreground: ink.number },
        { token: 'keyword.json', foreground: ink.keyword },
        { token: 'comment', foreground: ink.comment },
      ],
      colors: {
        'editor.background': transparent,
        'editor.foreground': `#${ink.plain}`,
        'editorLineNumber.foreground': quiet,
        'editorLineNumber.activeForeground': quiet,
        // Six bright bracket colours would be the loudest thing on the page.
        ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((level) => [`editorBracketHighlight.foreground${level}`, quiet])),
        'scrollbar.shadow': transparent,
        focusBorder: `#${ink.accent}`,
        'textLink.foreground': `#${ink.accent}`,
        'textLink.activeForeground': `#${ink.accent}`,
        'editorLink.activeForeground': `#${ink.accent}`,
        'editorWidget.background': `#${ink.surface}`,
        'editorHoverWidget.background': `#${ink.surface}`,
        'editorSuggestWidget.background': `#${ink.surface}`,
        'editorSuggestWidget.selectedBackground': `#${ink.accent}22`,
        'editorSuggestWidget.selectedForeground': `#${ink.plain}`,
        'editorSuggestWidget.highlightForeground': `#${ink.accent}`,
        'list.hoverBackground': `#${ink.accent}18`,
        'list.highlightForeground': `#${ink.accent}`,
        'menu.background': `#${ink.surface}`,
        'menu.selectionBackground': `#${ink.accent}22`,
        'menu.selectionForeground': `#${ink.plain}`,
        'quickInput.background': `#${ink.surface}`,
        'quickInputList.focusBackground': `#${ink.accent}22`,
        'quickInputList.focusForeground': `#${ink.plain}`,
      },
    },
  }
}

interface Ink {
  plain: string
  surface: string
  accent: string
  keyword: string
  field: string
  argument: string
  type: string
  text: string
  number: string
  comment: string
}

/** The editor in the page's own colours; every ink has at least 4.5:1 on its surface. */
export const editorThemes = {
  light: createTheme('tributary-light', 'vs', {
    plain: '17211f',
    surface: 'ffffff',
    accent: '0b6a5d',
    keyword: '8a3b12',
    field: '0f5c8c',
    argument: '5b4bb0',
    type: '0b6a5d',
    text: '1c6b33',
    number: '9a3b62',
    comment: '5f6f6b',
  }),
  dark: createTheme('tributary-dark', 'vs-dark', {
    plain: 'e4ecea',
    surface: '171f1e',
    accent: '63cdb8',
    keyword: 'e9a578',
    field: '8cc6f0',
    argument: 'b9aefc',
    type: '63cdb8',
    text: 'a4d6a4',
    number: 'eb9fc0',
    comment: '8fa09c',
  }),
}
