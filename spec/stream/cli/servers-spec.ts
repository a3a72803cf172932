import { expect } from 'chai'
import { command } from '../../helpers/command.ts'

// What is refused before a server starts. The servers themselves are in spec/live.

const REFUSED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  emulator: [
    ['--nosuch'],
    ['--port', 'x'],
    ['--speed', '0'],
    ['--proxies', '0'],
    ['extra'],
    ['--port'],
    ['--cloud', 'ais://b'],
    ['--cloud', 'gcp://'],
    ['--memory', '0'],
    ['--fault', 'nosuch'],
    ['--fault', 'status'],
    ['--fault', 'reset-body=x'],
    ['--fault', 'break-links'],
    ['--fault', 'break-links=('],
    ['--fault', 'fail-jobs'],
    ['--fault', 'abort-jobs=polish'],
    ['--fault', 'reset', '--fault-rate', '2'],
  ],
  dashboard: [
    ['--port', 'x'],
    ['--port', '70000'],
    ['--allow', 'delete'],
    ['--nothing'],
    ['extra'],
    ['--endpoint', 'ftp://x'],
  ],
}

for (const [name, lines] of Object.entries(REFUSED))
  describe(`aistore-rx ${name}`, () => {
    for (const argv of lines)
      it(`refuses ${argv.join(' ')} with 2 and a message of one line`, async () => {
        const { code, stdout, stderr } = await command([name, ...argv])
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' })
        expect(stderr).to.match(new RegExp(`^aistore-rx ${name}: [^\\n]+\\n$`))
      })

    it('prints its flags, an example and its exit codes with `--help` after its name and with `help` before it', async () => {
      const { code, stdout, stderr } = await command([name, '--port', '0', '--help'])
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
      expect(await command(['help', name])).to.include({ code: 0, stdout })
      expect(stdout).to.match(/^example:\n {2}aistore-rx /m)
      expect(stdout).to.match(/^ {2}0 {4}interrupted\n {2}2 {4}invalid command line\n {2}4 {4}the port /m)
      for (const line of stdout.split('\n')) expect(line.length).to.be.at.most(130)
    })
  })
