/** An accepted start. The id is empty for kinds that return none. */
export interface Started {
  readonly id: string
}
