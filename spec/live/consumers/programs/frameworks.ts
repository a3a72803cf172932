import '@angular/compiler'
import { createEnvironmentInjector, type EnvironmentInjector } from '@angular/core'
import { clusterOf } from 'aistore-rx'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { createApp } from 'vue'
import { jobsSignal } from './frameworks/angular.js'
import { Jobs, jobStore } from './frameworks/react.js'
import { linesOf } from './frameworks/svelte.js'
import { jobList } from './frameworks/vue.js'

const cluster = clusterOf('/ais')
const place = (): HTMLElement => document.body.appendChild(document.createElement('div'))
const shown = ({ innerText }: HTMLElement): string => innerText.trim()

const [forReact, forVue, forSvelte] = [place(), place(), place()]
const root = createRoot(forReact)
root.render(createElement(Jobs, { store: jobStore(cluster) }))
const app = createApp(jobList(cluster))
app.mount(forVue)
const leaveStore = linesOf(cluster).subscribe((lines) => (forSvelte.innerText = lines.join('\n')))
const injector = createEnvironmentInjector([], null as unknown as EnvironmentInjector)
const signal = jobsSignal(cluster, injector)

Object.assign(globalThis, {
  shown: () => ({
    react: shown(forReact),
    vue: shown(forVue),
    svelte: shown(forSvelte),
    angular: Object.values(signal())
      .map(({ kind, state }) => `${kind} ${state}`)
      .join('\n'),
  }),
  leave: () => {
    root.unmount()
    app.unmount()
    leaveStore()
    injector.destroy()
  },
})
