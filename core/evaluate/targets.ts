import * as Effect from "effect/Effect"
import { UnavailableProblem, UsageProblem } from "../domain/problem.ts"
import { isTargetError, type Target, TargetError, type TargetSpec } from "../plugin/contract.ts"
import { PluginHost } from "../plugin/host.ts"
import { Plugins } from "../plugin/registry.ts"
import { leavesMachine } from "../target/loopback.ts"
import { thinkingApart, withoutMarkers } from "../target/reasoning.ts"
import { parseTargetSpec } from "../target/spec.ts"

/** A model by the name it has in this command: base, tuned, target, or a role. */
export interface NamedTarget {
  readonly name: string
  readonly spec: string
  readonly target: Target
  /** Whether its prompts leave this machine. */
  readonly remote: boolean
}

/** What a target's error says, and what it advises: the indented lines, where it has any. */
const parted = (spec: string, message: string) => {
  const [what = "", ...advice] = message.trim().split("\n").map((line) => line.trim())
  const own = `target "${spec}": `
  return {
    what: what.startsWith(own) ? what.slice(own.length) : what,
    advice: advice.length === 0 ? undefined : advice.join("\n  ")
  }
}

/**
 * A target error before anything was spent, as a problem with an exit code; `opening`: it came before a server was asked,
 * so that what is not found is a file of the user's.
 */
export const problemOfTarget = (
  name: string,
  spec: string,
  error: TargetError,
  { opening = false }: { readonly opening?: boolean } = {}
): UsageProblem | UnavailableProblem => {
  const where = `${name} (${spec})`
  const { advice, what } = parted(spec, error.message)
  const unavailable = (reason: "auth" | "engine" | "server", usual: string) => {
    const fix = advice ?? usual
    // Advice of several lines ends with a command, which is to be copied as it is.
    return new UnavailableProblem({
      reason,
      what,
      where,
      fix: `${fix}${/\n|[^.]$/.test(fix) ? "\n  " : " "}Nothing was spent.`
    })
  }
  const wrong = (usual: string) => new UsageProblem({ reason: "spec", what, where, fix: advice ?? usual })
  switch (error.reason) {
    case "auth":
    case "quota":
    case "billing":
      return unavailable("auth", "Check the key that the target's README names, and what it may use.")
    case "unsupported_parameter":
    case "context_overflow":
      return wrong("Change the target's parameters.")
    case "engine_dead":
    case "out_of_memory":
      return unavailable("engine", "Start or install the engine, then run the same command again.")
    case "not_found":
      return opening
        ? wrong("Name what exists.")
        : unavailable("server", "Check the name of the model, and what the server serves.")
    default:
      return unavailable("server", "Check the name and the address, start the server, then run the same command again.")
  }
}

const probe = ({ name, spec, target }: Omit<NamedTarget, "remote">) =>
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

/** Names the model that an error speaks of; all of them, when it does not say. */
const problemOfOpening = (
  group: ReadonlyArray<{ readonly name: string; readonly spec: TargetSpec }>,
  error: TargetError
) => {
  const named = group.filter(({ spec }) => error.message.startsWith(`target "${spec.text}": `))
  const meant = named.length === 0 ? group : named
  const list = (of: (one: typeof group[number]) => string) => [...new Set(meant.map(of))].join(", ")
  return problemOfTarget(list(({ name }) => name), list(({ spec }) => spec.text), error, { opening: true })
}

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
  const manifests = plugins.all.flatMap(({ manifest }) => manifest.kind === "target" ? [manifest] : [])
  const schemes = manifests.map(({ id }) => id)
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
    const specs = group.map(({ spec }) => spec)
    const targets = yield* plugin.open(specs).pipe(
      Effect.mapError((cause) => isTargetError(cause) ? problemOfOpening(group, cause) : cause)
    )
    const permissions = manifests.find(({ id }) => id === scheme)?.permissions
    for (const [index, { markers, name, spec, written }] of group.entries()) {
      const target = targets[index]!
      opened.push({
        name,
        spec: written,
        target: markers === undefined ? target : thinkingApart(target, markers),
        remote: leavesMachine(target, spec, permissions)
      })
    }
  }
  const inOrder = named.map(({ name }) => opened.find((target) => target.name === name)!)
  yield* Effect.forEach(inOrder, probe, { concurrency: "unbounded", discard: true })
  return inOrder
})
