/** A start that was accepted: its id, or no id for a kind that gives none. */
export interface Started {
  readonly id: string
}
