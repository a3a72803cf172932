import { Architect } from '@angular-devkit/architect'
import { WorkspaceNodeModulesArchitectHost } from '@angular-devkit/architect/node/index.js'
import { logging, schema, workspaces } from '@angular-devkit/core'
import { NodeJsSyncHost } from '@angular-devkit/core/node/index.js'

// What `ng build` does, without the rest of the command line of Angular.
const folder = process.cwd()
const { workspace } = await workspaces.readWorkspace(folder, workspaces.createWorkspaceHost(new NodeJsSyncHost()))
const registry = new schema.CoreSchemaRegistry()
const architect = new Architect(new WorkspaceNodeModulesArchitectHost(workspace, folder), registry)
const logger = new logging.Logger('build')
logger.subscribe(({ level, message }) => console[level === 'info' || level === 'debug' ? 'log' : 'warn'](message))
const build = await architect.scheduleTarget({ project: 'app', target: 'build' }, {}, { logger })
const { success } = await build.result
await build.stop()
process.exitCode = success ? 0 : 1
