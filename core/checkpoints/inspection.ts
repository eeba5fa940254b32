import type { LayoutName } from "./layout-name.ts"

/** One file of a model, and the name that it has in a folder as `save_pretrained` writes it. */
export interface ModelFile {
  readonly name: string
  readonly path: string
  /** Weights are large and written under another name first; everything else is small and rewritten in place. */
  readonly kind: "weights" | "text"
}

/** What an adapter's configuration says; numbers are undefined where it has none that are finite. */
export interface AdapterFacts {
  /** As the trainer was told it: a name or a path that need not mean anything on this machine. */
  readonly base: string | undefined
  readonly alpha: number | undefined
  readonly rank: number | undefined
}

/** A checkpoint with everything there that an evaluation reads, as far as lengths and markers tell. */
export interface Complete {
  readonly state: "complete"
  readonly layout: LayoutName
  readonly format: "model" | "adapter"
  /** undefined where neither the folder's name nor a file says it. */
  readonly step: number | undefined
  /** The folder that the trainer made for this step. */
  readonly folder: string
  /** In the order in which a copy is made; names do not repeat. */
  readonly files: ReadonlyArray<ModelFile>
  readonly adapter: AdapterFacts | undefined
  /** Changes when a file is replaced, grows, shrinks or is written to; equal for two looks at the same save. */
  readonly fingerprint: string
}

/** A checkpoint that is not whole, or not yet. */
export interface Incomplete {
  readonly state: "incomplete"
  readonly reason: string
}

/** A checkpoint that is whole and holds no weights that can be read. */
export interface Unsupported {
  readonly state: "unsupported"
  readonly reason: string
  /** The command or setting that makes readable weights of it. */
  readonly fix: string
}

/** A checkpoint that belongs to somebody else. */
export interface Unreadable {
  readonly state: "unreadable"
  readonly reason: string
  readonly fix: string
}

export type Refusal = Incomplete | Unsupported | Unreadable

export type Inspection = Complete | Refusal

/** A save that another look may find finished. */
export const unfinished = (reason: string): Incomplete => ({ state: "incomplete", reason })

export const unsupported = (reason: string, fix: string): Unsupported => ({ state: "unsupported", reason, fix })
