/** A bucket as users name it; no provider means `ais`, no namespace means the global one. */
export interface Bucket {
  readonly name: string
  readonly provider?: string
  readonly namespace?: { readonly uuid: string; readonly name: string }
}
