import { Component } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import { clusterOf } from 'aistore-rx'
import { jobsSignal } from './frameworks/angular'

// A page of Angular with a table of jobs: `consumers-spec.ts` builds it and looks for changes in it.
@Component({
  selector: 'app-root',
  template: `
    @for (job of list(); track job.id) {
      <li>{{ job.kind }} {{ job.state }}</li>
    }
  `,
})
class Jobs {
  private readonly jobs = jobsSignal(clusterOf('/ais'))
  readonly list = () => Object.values(this.jobs())
}

document.body.append(document.createElement('app-root'))
void bootstrapApplication(Jobs).then((app) => Object.assign(globalThis, { leaveAngular: () => app.destroy() }))
