import * as Data from "effect/Data"

interface Told {
  /** What happened. */
  readonly what: string
  /** File, flag, path in a document, or plugin that it concerns. */
  readonly where?: string
  /** What the reader can do about it now. */
  readonly fix: string
}

const tell = ({ fix, what, where }: Told): string => `${where === undefined ? "" : `${where}: `}${what}\n  ${fix}`

/** The command or a file that it reads asks for something that can't be done. Exit code 64. */
export class UsageProblem extends Data.TaggedError("UsageProblem")<
  Told & {
    readonly reason:
      | "flag"
      | "config"
      | "spec"
      | "options"
      | "suite"
      | "scorer"
      | "role"
      | "policy"
      | "empty-suite"
      | "unreachable-margin"
      | "file"
      | "plugin"
      | "plan-mismatch"
      | "consent"
  }
> {
  override get message(): string {
    return tell(this)
  }
}

/** Something outside that is needed is not there, mostly before the start. Exit code 69. */
export class UnavailableProblem extends Data.TaggedError("UnavailableProblem")<
  Told & { readonly reason: "asset" | "server" | "auth" | "engine" | "lock" | "folder" | "budget" }
> {
  override get message(): string {
    return tell(this)
  }
}

/** What is stored does not hold together. Exit code 13. */
export class InvalidProblem extends Data.TaggedError("InvalidProblem")<
  Told & { readonly reason: "corrupt-journal" | "corrupt-plan" | "incomplete-proof" }
> {
  override get message(): string {
    return tell(this)
  }
}

/** A fault of driftgate or of a plugin. Exit code 70. */
export class InternalProblem extends Data.TaggedError("InternalProblem")<
  Told & { readonly reason: "plugin" | "defect" | "disk"; readonly cause?: unknown }
> {
  override get message(): string {
    return tell(this)
  }
}

export type Problem = UsageProblem | UnavailableProblem | InvalidProblem | InternalProblem

/** Exit code of each way to end; only 0 means pass or finished work. */
export const exitCodes = {
  pass: 0,
  fail: 10,
  inconclusive: 11,
  incomplete: 12,
  invalid: 13,
  UsageProblem: 64,
  UnavailableProblem: 69,
  InvalidProblem: 13,
  InternalProblem: 70,
  interrupted: 130
} as const

/** Whether a thrown value is one of ours, so that it passes a border unchanged. */
export const isProblem = (value: unknown): value is Problem =>
  value instanceof UsageProblem || value instanceof UnavailableProblem || value instanceof InvalidProblem ||
  value instanceof InternalProblem
