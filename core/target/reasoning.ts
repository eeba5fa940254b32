import * as Result from "effect/Result"
import { digestOf } from "../domain/digest.ts"
import { UsageProblem } from "../domain/problem.ts"
import type { Generation, Target, TargetSpec } from "../plugin/contract.ts"
import { printTargetSpec } from "./spec.ts"

/** Texts around a model's thoughts; without `open` every answer begins in thought, since the template opened it. */
export interface ReasoningMarkers {
  readonly open?: string
  readonly close: string
}

/** Name of the parameter that any target takes. */
const reasoningParameter = "reasoning_markers"

/** Reads `OPEN...CLOSE` or `...CLOSE`, such as `<think>...</think>`. */
const parseMarkers = (spec: TargetSpec, text: string): Result.Result<ReasoningMarkers, UsageProblem> => {
  const [open, close, ...more] = text.split("...").map((part) => part.trim())
  if (open === undefined || close === undefined || close === "" || more.length > 0) {
    return Result.fail(
      new UsageProblem({
        reason: "spec",
        where: `target ${JSON.stringify(spec.text)}`,
        what: `${reasoningParameter} is ${JSON.stringify(text)}: expected OPEN...CLOSE, or ...CLOSE where the template `
          + "opens the thought",
        fix: `For example ${reasoningParameter}=<think>...</think>`
      })
    )
  }
  return Result.succeed(open === "" ? { close } : { open, close })
}

/** Where the thoughts that a text opens with end: `answer` is undefined when they don't. */
const split = (text: string, { close, open }: ReasoningMarkers) => {
  const trimmed = text.trimStart()
  if (open !== undefined && !trimmed.startsWith(open)) return undefined
  const inside = open === undefined ? text : trimmed.slice(open.length)
  // The first end counts: what follows it is judged, even if it was a quotation inside a thought.
  const end = inside.indexOf(close)
  return end < 0
    ? { thoughts: inside, answer: undefined }
    : { thoughts: inside.slice(0, end), answer: inside.slice(end + close.length) }
}

/**
 * An answer with the thoughts that it opens with taken out of it and put where reasoning belongs.
 *
 * Thoughts that the token limit cut are `no_answer` `cut_in_reasoning`; thoughts without an end or an answer after them
 * are `no_answer` `empty`. Markers further down stay in the answer, where they are judged.
 */
export const withoutThoughts = (generation: Generation, markers: ReasoningMarkers): Generation => {
  if (generation.kind !== "answer") return generation
  const { complete, kind: _, text, ...trace } = generation
  const found = split(text, markers)
  if (found === undefined) return generation
  const thoughts = [trace.reasoning ?? "", found.thoughts.trim()].filter((part) => part !== "").join("\n")
  const told = { ...trace, ...(thoughts === "" ? {} : { reasoning: thoughts }) }
  if (found.answer === undefined) {
    return { kind: "no_answer", why: complete ? "empty" : "cut_in_reasoning", ...told }
  }
  const answer = found.answer.trimStart()
  return answer === ""
    ? { kind: "no_answer", why: "empty", ...told }
    : { kind: "answer", text: answer, complete, ...told }
}

type Handed = Exclude<keyof Target, "identity" | "capabilities" | "endpoint" | "remote" | "generate" | "close">

// A record, so that a new method of the contract can't be forgotten here.
const handedOn: Readonly<Record<Handed, true>> = {
  probe: true,
  connect: true,
  logprobs: true,
  distributions: true,
  tokenize: true,
  detokenize: true,
  render: true
}

/** The methods that a target may have, called on the target itself, which may be of a class. */
const methodsOf = (target: Target): Pick<Target, Handed> =>
  Object.fromEntries(
    (Object.keys(handedOn) as ReadonlyArray<Handed>).flatMap((name) => {
      const method = target[name]
      return method === undefined ? [] : [[name, method.bind(target)]]
    })
  )

/** A target whose answers come without their thoughts; another behaviour than the target's own. */
export const thinkingApart = (target: Target, markers: ReasoningMarkers): Target => {
  const { capabilities, endpoint, identity, remote } = target
  const written = `${markers.open ?? ""}...${markers.close}`
  const marked = (digest: string) => digestOf({ [reasoningParameter]: written, target: digest })
  return {
    ...methodsOf(target),
    capabilities,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(remote === undefined ? {} : { remote }),
    close: () => target.close(),
    identity: {
      ...identity,
      behaviour: marked(identity.behaviour),
      full: marked(identity.full),
      parts: { ...identity.parts, reasoningMarkers: written }
    },
    generate: (request, signal) =>
      target.generate(request, signal).then((generation) => withoutThoughts(generation, markers))
  }
}

/** A spec without the parameter that is ours, as its plugin is given it, and the markers that it names. */
export const withoutMarkers = (
  spec: TargetSpec
): Result.Result<{ readonly spec: TargetSpec; readonly markers?: ReasoningMarkers }, UsageProblem> => {
  const { [reasoningParameter]: text, ...parameters } = spec.parameters
  if (text === undefined) return Result.succeed({ spec })
  const rest = { ...spec, parameters }
  return Result.map(parseMarkers(spec, text), (markers) => ({
    spec: { ...rest, text: printTargetSpec(rest) },
    markers
  }))
}
