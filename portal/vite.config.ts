import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// The page is always built for production: a test runner's NODE_ENV would put React's development build in it.
process.env['NODE_ENV'] = 'production'

export default defineConfig({
  root: here('.'),
  resolve: {
    alias: [
      // GraphiQL asks for the whole of Monaco; the page needs a fraction of it (see the file for what is kept).
      { find: /^monaco-editor\/esm\/vs\/editor\/edcore\.main\.js$/, replacement: here('./src/explorer/monaco.ts') },
    ],
  },
  build: {
    outDir: here('../dist/portal'),
    emptyOutDir: true,
    target: 'es2023',
    // Every font and icon is a file: a data: URL would sit in the style sheet that blocks the explorer's first paint.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Monaco is one large library by nature; it is loaded after the first paint.
    chunkSizeWarningLimit: 3000,
    rolldownOptions: {
      input: [here('./index.html'), here('./registry/index.html')],
      onLog(level, log, handle) {
        // React's "use client" marks in dependencies mean nothing in a page without a server side.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log)
      },
    },
  },
})
