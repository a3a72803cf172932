import { isDownloadId } from '../../model/download.ts'
import { showNotice } from './commands.ts'
import { el } from './dom.ts'

/** Commands for a shell, each with a button to copy it. */
export interface Commands {
  readonly elements: readonly HTMLElement[]
  /** Shows or hides the commands that make sense only before the job is over. */
  readonly show: (isOpen: boolean) => void
}

/** Commands for a shell that do the same as the page. */
export function commandsFor(id: string): Commands {
  const subject = `${isDownloadId(id) ? 'download ' : ''}${quoted(id)}`
  const always = [`ais show job ${subject}`]
  const whileOpen = [
    `aistore-rx wait ${quoted(id)}`,
    `aistore-rx stop ${quoted(id)}`,
    `ais wait ${subject}`,
    `ais stop ${subject}`,
  ]
  const [shown, open] = [always.map(line), whileOpen.map(line)]
  return {
    elements: [...shown, ...open],
    show: (isOpen) => {
      for (const element of open) element.hidden = !isOpen
    },
  }
}

/** Quotes an id for a shell. It comes from a server, so it may have any characters. */
const quoted = (id: string): string =>
  /^[\w-]+$/.test(id) && !id.startsWith('-') ? id : `'${id.replaceAll("'", `'\\''`)}'`

function line(text: string): HTMLElement {
  // Browsers have no clipboard on plain http to another machine.
  const clipboard = (navigator as { readonly clipboard?: Clipboard }).clipboard
  const copy = (): void =>
    void clipboard?.writeText(text).then(
      () => showNotice(`Copied: ${text}`),
      () => showNotice('The browser did not let the page copy.'),
    )
  const button = el('button', { type: 'button', 'aria-label': `Copy ${text}`, onclick: copy }, 'Copy')
  return el('p', { class: 'command' }, el('code', {}, text), ...(clipboard === undefined ? [] : [button]))
}
