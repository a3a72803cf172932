import { clusterOf } from 'aistore-rx'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { mount, unmount } from 'svelte'
import { createApp } from 'vue'
import SvelteJobs from './frameworks/Jobs.svelte'
import { Jobs, jobStore } from './frameworks/react.js'
import { linesOf } from './frameworks/svelte.js'
import { jobList } from './frameworks/vue.js'

/** Destroys the app of Angular. Its own bundle, which the page loads too, defines this function. */
declare const leaveAngular: () => void

const cluster = clusterOf('/ais')
const place = (): HTMLElement => document.body.appendChild(document.createElement('div'))
const shown = ({ innerText }: HTMLElement): string => innerText.trim()

const [forReact, forVue, forSvelte] = [place(), place(), place()]
const forAngular = document.querySelector<HTMLElement>('app-root')!
const root = createRoot(forReact)
root.render(createElement(Jobs, { store: jobStore(cluster) }))
const app = createApp(jobList(cluster))
app.mount(forVue)
const svelteApp = mount(SvelteJobs, { target: forSvelte, props: { lines: linesOf(cluster) } })

Object.assign(globalThis, {
  shownByFrameworks: () => ({
    react: shown(forReact),
    vue: shown(forVue),
    svelte: shown(forSvelte),
    angular: shown(forAngular),
  }),
  leave: async () => {
    root.unmount()
    app.unmount()
    await unmount(svelteApp)
    leaveAngular()
  },
})
