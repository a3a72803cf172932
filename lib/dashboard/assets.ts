import { readFileSync } from 'node:fs'

/** The files of the page, by path. The server sends nothing else, so a path never reaches the file system. */
export type Assets = ReadonlyMap<string, Asset>

/** A file that the server sends. */
export interface Asset {
  readonly type: string
  readonly text: string
}

const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  '/app.js': ['app.js', 'text/javascript; charset=utf-8'],
} as const

/** Reads the files of the page from a folder. The build puts them beside this file. */
export const readAssets = (folder: URL = new URL('./page/', import.meta.url)): Assets =>
  new Map(
    Object.entries(FILES).map(([path, [name, type]]) => [
      path,
      { type, text: readFileSync(new URL(name, folder), 'utf8') },
    ]),
  )
