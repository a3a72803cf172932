import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An nginx that runs. */
export interface Nginx {
  readonly stop: () => Promise<void>
}

/** The path of nginx; throws if there is none. */
function findNginx(): string {
  const { stdout } = spawnSync('which', ['nginx', '/usr/sbin/nginx'], { encoding: 'utf8' })
  const [path = ''] = stdout.split('\n')
  if (path === '') throw new Error('This spec needs nginx: apt-get install -y nginx-light')
  return path
}

/** The modules of nginx that write temporary files, which go into the folder of this nginx. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/**
 * Starts nginx, and waits until it listens.
 *
 * @param servers the `server` blocks of its configuration
 * @param port where one of them listens on 127.0.0.1
 */
export async function startNginx(servers: string, port: number): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'aistore-rx-nginx-'))
  const lines = [
    'daemon off; master_process off; pid nginx.pid; error_log stderr;',
    'events {}',
    'http {',
    'access_log off; types { text/html html; text/javascript js; }',
    ...TEMPORARY.map((name) => `${name}_temp_path ${name};`),
    servers,
    '}',
  ]
  writeFileSync(join(folder, 'nginx.conf'), lines.join('\n'))
  const nginx = spawn(findNginx(), ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'])
  let output = ''
  nginx.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  while (!(await listens(port))) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended: ${output}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return {
    stop: async () => {
      await ended(nginx)
      rmSync(folder, { recursive: true })
    },
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill()
  await exited
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })
