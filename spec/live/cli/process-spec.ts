import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startEmulator, type Emulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import { MAIN, cleanEnv, finished, runCommand, spawnCommand, textUntil } from '../helpers/cli.ts'
import { closeServers, listen } from '../helpers/listening.ts'
import { until } from '../helpers/until.ts'

// The command as a process in a shell: exit codes, signals and pipes.

const TOKEN = 'a-secret-token'

/** Tries several command lines at the same time: they mostly wait. */
const atOnce = <A>(lines: readonly A[], attempt: (line: A) => Promise<void>): Promise<unknown> =>
  Promise.all(lines.map(attempt))

describe('the processes of aistore-rx', function () {
  this.timeout(30_000)
  let emulator: Emulator
  let env: Readonly<Record<string, string>>

  before(async () => {
    emulator = await startEmulator({ seed: 9, token: TOKEN })
    emulator.seedBucket('photos', { objects: 3_000, objectSize: 1_024 })
    emulator.seedBucket('cloud', { objects: 5_000_000, objectSize: 1_024, provider: 'aws' })
    env = { AIS_ENDPOINT: emulator.endpoint, AIS_AUTHN_TOKEN: TOKEN }
  })
  after(() => emulator.close())
  afterEach(closeServers)

  const startLongJob = async (): Promise<string> =>
    (await runCommand(['start', 'prefetch-listrange', 's3://cloud'], env)).stdout.trim()

  /** The output of a line of bash in which `aistore-rx` is the command, and its exit code. */
  const bash = async (script: string): Promise<{ code: number; stdout: string; stderr: string }> => {
    const run = `aistore-rx() { ${process.execPath} ${MAIN} "$@"; }; ${script}`
    try {
      return { code: 0, ...(await promisify(execFile)('bash', ['-c', run], { env: cleanEnv(env) })) }
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string }
    }
  }

  it('run start, show, stop and wait one after the other in a script', async () => {
    const { code, stdout, stderr } = await bash(`
      set -e
      id=$(aistore-rx start prefetch-objects s3://cloud)
      aistore-rx show $id -H | grep -c running
      aistore-rx stop $id | grep -c stopped
      aistore-rx wait $id -q || echo "wait: $?"
      aistore-rx start warm-up-metadata photos --wait -q | grep -c finished`)
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    const [running, stopped, row, waitCode, finished, rest] = stdout.split('\n')
    expect({ running, stopped, waitCode, finished, rest }).to.deep.equal({
      running: '1',
      stopped: '1',
      waitCode: 'wait: 1',
      finished: '1',
      rest: '',
    })
    expect(row).to.match(/^\S+ {2}prefetch-listrange {2}aborted /)
  })

  it('exit with 4 if the token is missing, and read it from the file of --token-file', async () => {
    const { code, stdout, stderr } = await runCommand(['show'], { AIS_ENDPOINT: emulator.endpoint })
    expect({ code, stdout }).to.deep.equal({ code: 4, stdout: '' })
    expect(stderr).to.match(/^aistore-rx: [^\n]+\n$/)
    const read = await bash(`unset AIS_AUTHN_TOKEN; aistore-rx health --token-file <(echo '{"token":"${TOKEN}"}')`)
    expect(read.code).to.equal(0)
  })

  it('do not wait for ever for the writer of a pipe, or for the end of a device, as the file of the token', async () => {
    const healthWith = (path: string): string => `timeout 20 ${process.execPath} ${MAIN} health --token-file ${path}`
    const path = `/tmp/aistore-rx-fifo-${process.pid}`
    const unwritten = await bash(`mkfifo ${path}; ${healthWith(path)}; code=$?; rm ${path}; exit $code`)
    expect(unwritten).to.include({ code: 2 }).and.to.have.property('stderr').that.contains('holds no JSON object')
    const endless = await bash(healthWith('/dev/zero'))
    expect(endless).to.include({ code: 2 }).and.to.have.property('stderr').that.contains('has more than')
  })

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    for (const argv of [['watch'], ['events'], ['wait', 'rebalance'], ['health', '--watch']])
      it(`end ${argv.join(' ')} by ${signal}, so that the shell stops a loop, too`, async () => {
        const requests = (): number => emulator.requests.count(() => true)
        const before = requests()
        const child = spawnCommand([...argv, '--json'], env)
        const ended = finished(child)
        await until(() => requests() > before)
        child.kill(signal)
        const { code, stdout } = await ended
        expect(code).to.equal(signal)
        const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
        expect(last).to.include({ type: 'end', terminal: true, code: exitCode })
      })

  it('say after a signal that the job goes on, and it does', async () => {
    const id = await startLongJob()
    await atOnce(['SIGINT', 'SIGTERM', 'SIGHUP'] as const, async (signal) => {
      const child = spawnCommand(['wait', id], env)
      const ended = finished(child)
      await textUntil(child.stderr, /running/)
      child.kill(signal)
      const { stderr } = await ended
      expect(stderr, signal).to.include(`interrupted; prefetch-listrange[${id}] goes on: aistore-rx wait ${id}\n`)
    })
    expect((await runCommand(['show', id], env)).stdout).to.match(/ running /)
    await runCommand(['stop', id], env)
  })

  it('end at once at a second signal', async () => {
    const silent = await listen(createServer(() => undefined))
    const child = spawnCommand(['watch'], { AIS_ENDPOINT: `http://127.0.0.1:${silent.port}` })
    const ended = finished(child)
    while (silent.sockets.length === 0) await sleep(20)
    child.kill('SIGINT')
    child.kill('SIGINT')
    expect((await ended).code).to.equal('SIGINT')
  })

  it('end quietly with 0 when the reader of a pipe leaves', async () => {
    const verbs = ['kinds', 'show --all', 'watch --refresh 200ms', 'events', 'watch --json', 'kinds --json']
    await runCommand(['stop', await startLongJob()], env)
    const finished = new AbortController()
    const ended = atOnce(verbs, async (verb) => {
      const { stdout, stderr } = await bash(`aistore-rx ${verb} | head -1 >/dev/null; echo \${PIPESTATUS[0]}`)
      expect({ verb, stdout, stderr: stderr.replace(/^.*no job is running.*\n/, '') }).to.deep.equal({
        verb,
        stdout: '0\n',
        stderr: '',
      })
    }).finally(() => finished.abort())
    // A command notices that its reader has left when it writes its next line, so there must be a next line.
    while (!finished.signal.aborted) await runCommand(['stop', await startLongJob()], env)
    await ended
  })

  it('exit with 4 and one line if stdout cannot be written', async () => {
    const verbs = ['kinds', 'show --all --json', '--help', 'wait nosuchjob --timeout 0.1s', '--version']
    await atOnce(verbs, async (verb) => {
      const { code, stderr } = await bash(`aistore-rx ${verb} > /dev/full`)
      expect({ verb, code }).to.deep.equal({ verb, code: 4 })
      expect(stderr).to.match(/aistore-rx: cannot write to stdout: ENOSPC: [^\n]*\n/)
    })
  })

  it('write no escape sequence to a pipe, and each line at once', async () => {
    const child = spawnCommand(['watch', '--refresh', '200ms'], env)
    const ended = finished(child)
    // Listen before the job starts, because its line may come before its id is known here.
    const seen = textUntil(child.stdout, /^\S+ +prefetch-listrange .*running/m)
    const id = await startLongJob()
    expect(await seen)
      .to.include(id)
      .and.not.to.include('\u001b')
    child.kill('SIGTERM')
    const { stdout, stderr } = await ended
    expect(stdout + stderr).not.to.match(/[\u001b\r]/)
    await runCommand(['stop', id], env)
  })

  it('end soon after their work, because nothing keeps them alive', async () => {
    for (const argv of [['show'], ['health'], ['kinds'], ['show', '--all', '--json'], ['watch', '--count', '1']]) {
      const startMs = Date.now()
      await runCommand(argv, env)
      expect(Date.now() - startMs, argv.join(' ')).to.be.below(4_000)
    }
  })

  it('exit with 4 if nothing listens, and name the address', async () => {
    const gone = { AIS_ENDPOINT: 'http://127.0.0.1:1' }
    const ofOneJob = [
      ['wait', 'nosuchjob1'],
      ['stop', 'nosuchjob1'],
      ['start', 'lru'],
    ]
    await atOnce([['show'], ['watch'], ['events'], ['health'], ...ofOneJob], async (argv) => {
      const { code, stderr } = await runCommand(argv, gone)
      expect({ argv, code }).to.deep.equal({ argv, code: 4 })
      expect(stderr.trimEnd().split('\n').at(-1)).to.match(/^aistore-rx: http:\/\/127\.0\.0\.1:1[: ]/)
    })
  })

  it('never print a token, whatever it looks like', async () => {
    for (const argv of [['show'], ['health'], ['start', 'lru', '--json']]) {
      const { stdout, stderr } = await runCommand(argv, { ...env, AIS_AUTHN_TOKEN: 'wrong-secret-token' })
      expect(stdout + stderr).not.to.include('wrong-secret-token')
    }
  })

  it('use the port of --port, and exit with 4 if it is in use', async () => {
    const { port } = new URL(emulator.endpoint)
    for (const verb of ['emulator', 'dashboard']) {
      const { code, stderr } = await runCommand([verb, '--port', port])
      expect({ verb, code }).to.deep.equal({ verb, code: 4 })
      expect(stderr).to.match(/EADDRINUSE/)
    }
  })
})
