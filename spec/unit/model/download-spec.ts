import { expect } from 'chai'
import type { DownloadStatus } from '../../../lib/codec/download.ts'
import { downloadOf, isDownloadId, snapOfDownload, statusOfDownload } from '../../../lib/model/download.ts'
import { stateOf } from '../../../lib/model/job-state.ts'

// A download has no snapshots. The library makes one from the reply of the download API, so that waits and streams
// need not distinguish it.

const downloadWith = (more: Partial<DownloadStatus> = {}): DownloadStatus => ({
  id: 'dnl-FH-CdapbR',
  xactionId: 'FH-CdasbR7',
  description: '',
  startTime: 1n,
  finished: 3,
  scheduled: 3,
  skipped: 0,
  failed: 0,
  allDispatched: true,
  aborted: false,
  currentTasks: [],
  finishedTasks: [],
  errors: [],
  ...more,
})

const downloadOfThree = (more: Partial<DownloadStatus> = {}): DownloadStatus => downloadWith({ total: 3, ...more })

const taskOf = (downloaded: bigint) => ({ name: 'a', downloaded })

describe('the snapshot of a download', () => {
  for (const [what, more, state, err] of [
    ['runs', {}, 'running', ''],
    ['has all its files, but no end time yet', { finished: 3 }, 'running', ''],
    ['ends well', { endTime: 2n }, 'finished', ''],
    ['runs with a file that failed', { failed: 1, finished: 1 }, 'running', '1 of 3 files failed'],
    ['ends with a file that failed', { failed: 1, finished: 2, endTime: 2n }, 'failed', '1 of 3 files failed'],
    [
      'ends before all files were scheduled',
      { allDispatched: false, endTime: 2n },
      'failed',
      'the targets gave up before they had scheduled all files',
    ],
    ['is aborted', { aborted: true, failed: 1 }, 'aborted', ''],
  ] as const)
    it(`is ${state} if the download ${what}`, () => {
      const snap = snapOfDownload(downloadOfThree(more))
      expect(stateOf(snap)).to.equal(state)
      expect(snap.err).to.equal(err)
      expect(downloadOf(snap)).to.deep.equal(downloadOfThree(more))
    })

  it('counts the files that are there, and the bytes of all files', () => {
    const { stats } = snapOfDownload(
      downloadOfThree({ currentTasks: [taskOf(1n)], finishedTasks: [taskOf(10n), taskOf(100n)] }),
    )
    expect(stats).to.include({ objects: 3n, bytes: 111n })
  })

  it('counts failed files against the scheduled ones if there is no total', () => {
    const unknown = downloadWith({ failed: 2, scheduled: 9, errors: [{ name: 'a', error: 'gone\nfor good' }] })
    expect(snapOfDownload(unknown).err).to.equal('2 of 9 files failed; a: gone for good; and 1 more')
  })

  it('has a status with the error of a failure or of an abort', () => {
    const ended = statusOfDownload(downloadOfThree({ failed: 1, endTime: 2n }))
    expect(ended).to.deep.equal({
      id: 'dnl-FH-CdapbR',
      kind: 'download',
      err: '1 of 3 files failed',
      endTime: 2n,
      aborted: false,
    })
    expect(statusOfDownload(downloadOfThree({ aborted: true })).err).to.equal('the download was aborted')
  })

  it('is recognized by its id, which must be that of a download', () => {
    expect(isDownloadId('dnl-FH-CdapbR')).to.equal(true)
    expect(isDownloadId('FH-CdasbR7')).to.equal(false)
    expect(downloadOf({ ...snapOfDownload(downloadOfThree()), id: 'FH-CdasbR7' })).to.equal(undefined)
  })
})
