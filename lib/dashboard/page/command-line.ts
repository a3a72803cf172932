import { isDownloadId } from '../../model/download.ts'
import { byId, el, setText } from './dom.ts'

/** Commands for a shell that do the same, each with a button to copy it. */
export const commandsFor = (id: string): readonly HTMLElement[] =>
  (isDownloadId(id)
    ? ['aistore-rx wait', 'aistore-rx stop', 'ais show job download', 'ais wait download', 'ais stop download']
    : ['aistore-rx wait', 'aistore-rx stop', 'ais show job', 'ais wait', 'ais stop']
  ).map((command) => line(`${command} ${quoted(id)}`))

/** For a shell. An id comes from a server. */
const quoted = (id: string): string =>
  /^[\w-]+$/.test(id) && !id.startsWith('-') ? id : `'${id.replaceAll("'", `'\\''`)}'`

function line(text: string): HTMLElement {
  // Browsers have no clipboard on plain http to another machine.
  const clipboard = (navigator as { readonly clipboard?: Clipboard }).clipboard
  const announce = (text: string) => (): void => setText(byId('told'), text)
  const copy = (): void =>
    void clipboard
      ?.writeText(text)
      .then(announce(`Copied: ${text}`), announce('The browser did not let the page copy.'))
  const button = el('button', { type: 'button', 'aria-label': `Copy ${text}`, onclick: copy }, 'Copy')
  return el('p', { class: 'command' }, el('code', {}, text), ...(clipboard === undefined ? [] : [button]))
}
