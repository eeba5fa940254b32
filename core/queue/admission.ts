import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { Refusal } from "../checkpoints/inspection.ts"
import { inspectCheckpoint } from "../checkpoints/layout.ts"
import { isInside, type NoRoom, type Outside, pinCheckpoint } from "../checkpoints/pin.ts"
import { presetNames } from "../domain/policy.ts"
import { baseAt, type BaseModel, type makeDigests } from "./bases.ts"
import { Refused, type Submission } from "./gate.ts"

/** What a service accepts. */
export interface Admission {
  /** Folders, without symbolic links, that checkpoints have to lie under. */
  readonly roots: ReadonlyArray<string>
  readonly bases: ReadonlyMap<string, BaseModel>
  /** Scheme that runs a base which is named by its path. */
  readonly engine: string
  readonly digestOf: ReturnType<typeof makeDigests>
}

const invalid = (field: string, why: string) => new Refused({ code: "invalid_field", detail: `${field}: ${why}` })

const outside = (field: string) =>
  new Refused({
    code: "outside_roots",
    detail: `${field} lies outside the folders that this service reads; start it with --root DIR for another one`
  })

// Control characters have no place in names, PostgreSQL has no NUL, and halves of a surrogate pair are no text.
const text = (field: string, value: string, longest: number) =>
  value === ""
    ? Effect.fail(invalid(field, "expected some text"))
    : value.length > longest
    ? Effect.fail(invalid(field, `expected at most ${longest} characters, found ${value.length}`))
    : /\p{Cc}/u.test(value) || !value.isWellFormed()
    ? Effect.fail(invalid(field, "expected text without control characters"))
    : Effect.void

/** Checks the names that a trainer gives itself. */
export const requireSender = Effect.fnUntraced(
  function*({ attempt, host, runId }: Pick<Submission, "attempt" | "host" | "runId">) {
    yield* text("run_id", runId, 256)
    yield* text("attempt", attempt, 256)
    yield* text("host", host, 256)
  }
)

/** Checks what can be checked without a look at the disk. */
export const requireFields = Effect.fnUntraced(function*(submission: Submission) {
  const { base, checkpoint, origin, policy, profile } = submission
  yield* text("checkpoint", checkpoint, 4096)
  if (origin !== undefined) yield* text("origin", origin, 4096)
  yield* text("base", base, 4096)
  yield* requireSender(submission)
  // A path here would make the service read a file of the client's choice.
  if (profile !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]*@[0-9]+$/.test(profile)) {
    return yield* invalid("profile", "expected the id of a profile, such as core-5@1")
  }
  if (policy !== undefined && !presetNames.some((known) => known === policy)) {
    return yield* invalid("policy", `expected one of ${presetNames.join(", ")}`)
  }
})

/** A path of the request on this machine, after symbolic links and inside the roots; undefined when nothing is there. */
const locate = Effect.fnUntraced(function*(field: string, given: string, roots: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  if (!path.isAbsolute(given)) return yield* invalid(field, "expected an absolute path")
  const place = yield* fs.realPath(given).pipe(
    Effect.catchIf((error) => error.reason._tag === "NotFound", () => Effect.succeed(undefined)),
    Effect.catch((error) =>
      isInside(path, roots, path.resolve(given))
        ? Effect.fail(
          error.reason._tag === "PermissionDenied"
            ? new Refused({ code: "not_readable", detail: `${given} may not be read by the user of this service` })
            : invalid(field, `the path can't be followed: ${error.reason._tag}`)
        )
        : Effect.fail(outside(field))
    )
  )
  // Whether something is there is nobody's business outside the roots.
  if (!isInside(path, roots, place ?? path.resolve(given))) return yield* outside(field)
  return place
})

/** The model that a request names as its base: a configured name, `sha256:...` of its weights, or a path. */
export const resolveBase = Effect.fn("Admission.base")(
  function*(base: string, { bases, digestOf, engine, roots }: Admission) {
    const named = bases.get(base)
    if (named !== undefined) return named
    const known = bases.size === 0 ? "none is configured" : `configured are ${[...bases.keys()].join(", ")}`
    if (/^sha256:[0-9a-f]{64}$/.test(base)) {
      for (const model of bases.values()) {
        const digest = model.folder === undefined
          ? undefined
          : yield* digestOf(model.folder).pipe(Effect.orElseSucceed(() => undefined))
        if (digest === base) return model
      }
      return yield* invalid("base", `no base of this service has these weights; ${known}`)
    }
    if (!base.startsWith("/")) return yield* invalid("base", `there is no base of this name; ${known}`)
    const folder = yield* locate("base", base, roots)
    if (folder === undefined) return yield* invalid("base", "there is no such folder")
    // Its own name for a model may be a folder that the service knows under another one.
    return [...bases.values()].find((model) => model.folder === folder) ?? baseAt(engine, folder)
  }
)

const refused = (refusal: Refusal | NoRoom | Outside): Refused => {
  switch (refusal.state) {
    case "incomplete":
      return new Refused({ code: "incomplete_checkpoint", detail: refusal.reason, retryAfter: 1 })
    case "unreadable":
      return new Refused({ code: "not_readable", detail: `${refusal.reason}. ${refusal.fix}` })
    case "unsupported":
      return invalid("checkpoint", `${refusal.reason}. ${refusal.fix}`)
    case "outside":
      return new Refused({ code: "outside_roots", detail: `${refusal.reason}. ${refusal.fix}` })
    case "no-room":
      return new Refused({ code: "no_space", detail: refusal.reason, retryAfter: 30 })
  }
}

/** Looks for the checkpoint of a submission, inside the roots, and whether it is whole. */
export const findCheckpoint = Effect.fn("Admission.find")(function*(
  { checkpoint, step }: Pick<Submission, "checkpoint" | "step">,
  { roots }: Pick<Admission, "roots">
) {
  const folder = yield* locate("checkpoint", checkpoint, roots)
  if (folder === undefined) {
    return yield* refused({
      state: "incomplete",
      reason: `${checkpoint} is not there: not written yet, or already removed by its trainer`
    })
  }
  const found = yield* inspectCheckpoint(folder)
  if (found.state !== "complete") return yield* refused(found)
  // The number in a name that no trainer gives may mean anything.
  if (found.layout !== "plain" && found.step !== undefined && found.step !== step) {
    return yield* invalid("step", `the checkpoint is of step ${found.step}, and the request says ${step}`)
  }
  return found
})

/** Pins the checkpoint of a submission into a folder; nothing is accepted before this is done. */
export const admit = Effect.fn("Admission.admit")(function*(submission: Submission, to: string, admission: Admission) {
  const path = yield* Path.Path
  const { base, origin } = submission
  yield* resolveBase(base, admission)
  const own = origin === undefined
    ? undefined
    : (yield* locate("origin", origin, admission.roots)) ?? path.resolve(origin)
  const found = yield* findCheckpoint(submission, admission)
  const pin = yield* pinCheckpoint(found, to, { roots: admission.roots }).pipe(Effect.mapError(refused))
  return { pin, format: found.format, folder: own ?? found.folder }
})
