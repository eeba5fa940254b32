import * as Effect from "effect/Effect"
import { UnavailableProblem, UsageProblem } from "../domain/problem.ts"
import { isTargetError, type Target, TargetError } from "../plugin/contract.ts"
import { PluginHost } from "../plugin/host.ts"
import { Plugins } from "../plugin/registry.ts"
import { thinkingApart, withoutMarkers } from "../target/reasoning.ts"
import { parseTargetSpec } from "../target/spec.ts"

/** A model by the name it has in this command: base, tuned, target, or a role. */
export interface NamedTarget {
  readonly name: string
  readonly spec: string
  readonly target: Target
}

/** A target error before anything was spent, as a problem with an exit code. */
export const problemOfTarget = (name: string, spec: string, error: TargetError): UsageProblem | UnavailableProblem => {
  const where = `${name} (${spec})`
  switch (error.reason) {
    case "auth":
    case "quota":
    case "billing":
      return new UnavailableProblem({
        reason: "auth",
        what: error.message,
        where,
        fix: "Check the key that the target's README names, and what it may use. Nothing was spent."
      })
    case "unsupported_parameter":
    case "context_overflow":
      return new UsageProblem({ reason: "spec", what: error.message, where, fix: "Change the target's parameters." })
    case "engine_dead":
    case "out_of_memory":
      return new UnavailableProblem({
        reason: "engine",
        what: error.message,
        where,
        fix: "Start or install the engine, then run the same command again. Nothing was spent."
      })
    default:
      return new UnavailableProblem({
        reason: "server",
        what: error.message,
        where,
        fix: "Check the name and the address, start the server, then run the same command again. Nothing was spent."
      })
  }
}

const probe = ({ name, spec, target }: NamedTarget) =>
  target.probe === undefined ? Effect.void : Effect.tryPromise({
    try: (signal) => target.probe!(signal),
    catch: (cause) =>
      problemOfTarget(
        name,
        spec,
        isTargetError(cause)
          ? cause
          : new TargetError("transport", cause instanceof Error ? cause.message : String(cause))
      )
  }).pipe(Effect.timeoutOrElse({
    duration: "60 seconds",
    orElse: () => Effect.fail(problemOfTarget(name, spec, new TargetError("deadline", "no reply within 60 s")))
  }))

/**
 * Opens the models of a command, those of one scheme together so that they can share an engine, and asks each whether
 * it is there. Scoped: they are closed at the end.
 */
export const openTargets = Effect.fn("Targets.open")(function*(
  named: ReadonlyArray<{ readonly name: string; readonly spec: string }>,
  seed: number
) {
  const plugins = yield* Plugins
  const host = yield* PluginHost
  const schemes = plugins.all.filter(({ manifest }) => manifest.kind === "target").map(({ manifest }) => manifest.id)
  const parsed = yield* Effect.forEach(
    named,
    ({ name, spec }) =>
      Effect.fromResult(parseTargetSpec(spec, schemes)).pipe(
        Effect.flatMap((parsed) => Effect.fromResult(withoutMarkers(parsed))),
        Effect.map((parsed) => ({ name, written: spec, ...parsed }))
      )
  )
  const opened: Array<NamedTarget> = []
  for (const [scheme, group] of Map.groupBy(parsed, ({ spec }) => spec.scheme)) {
    const plugin = yield* host.loadTarget(scheme, { seed })
    const names = group.map(({ name }) => name).join(", ")
    const specs = group.map(({ spec }) => spec)
    const targets = yield* plugin.open(specs).pipe(
      Effect.mapError((cause) =>
        isTargetError(cause) ? problemOfTarget(names, specs.map(({ text }) => text).join(", "), cause) : cause
      )
    )
    for (const [index, { markers, name, written }] of group.entries()) {
      const target = targets[index]!
      opened.push({ name, spec: written, target: markers === undefined ? target : thinkingApart(target, markers) })
    }
  }
  const inOrder = named.map(({ name }) => opened.find((target) => target.name === name)!)
  yield* Effect.forEach(inOrder, probe, { concurrency: "unbounded", discard: true })
  return inOrder
})
