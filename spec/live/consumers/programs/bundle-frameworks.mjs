import { svelte } from '@sveltejs/vite-plugin-svelte'
import { build } from 'vite'

await build({
  configFile: false,
  logLevel: 'warn',
  plugins: [svelte({ configFile: false, emitCss: false })],
  build: {
    outDir: 'out',
    emptyOutDir: false,
    rollupOptions: { input: 'frameworks.ts', output: { entryFileNames: 'frameworks.js' } },
  },
})
