import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import { Measure } from "../domain/measures.ts"
import { evaluation } from "./flags.ts"
import { lazily } from "./lazily.ts"
import { flagsOf } from "./settings-flags.ts"

const { concurrency, config, json, maxRequests, maxTime, out, plugin, reasoning, role, timeout, yes } = evaluation

const evaluate = Command.make(
  "eval",
  {
    scorer: Flag.String("scorer").pipe(
      Flag.withMetavar("ID[?k=v]"),
      Flag.withDescription("The scorer to hold against labels")
    ),
    labels: Flag.File("labels").pipe(
      Flag.withDescription("JSON lines {id, response, labels: {unsafe: 0 or 1, ...}, ...}, or CSV with such columns")
    ),
    measure: Flag.Literals("measure", Measure.literals).pipe(
      Flag.withDescription("Which label [default: the scorer's first that is labelled]"),
      Flag.optional
    ),
    role,
    reasoning,
    plugin,
    config,
    concurrency,
    timeout,
    yes,
    json
  },
  ({ labels, measure, scorer, ...flags }) =>
    lazily(
      () => import("./work/scorer-eval.ts"),
      ({ work }) => work({ labels, measure: Option.getOrUndefined(measure), scorer }, flagsOf(flags), flags.json)
    )
).pipe(
  Command.withDescription(
    "Precision, recall, F1, J, kappa, AC1, errors by category, ROC and latency, by labels of people; writes nothing"
  ),
  Command.withExamples([
    { command: "driftgate scorer eval --scorer phrases --labels labelled.jsonl", description: "The phrase list" }
  ])
)

const disagree = Command.make(
  "disagree",
  {
    run: Argument.Directory("run").pipe(Argument.withDescription("Run folder whose answers are judged again")),
    with: Flag.String("with").pipe(
      Flag.withMetavar("ID[?k=v]"),
      Flag.withDescription("The other scorer, for every suite; or SUITE=ID; repeatable"),
      Flag.atLeast(1)
    ),
    show: Flag.Boolean("show").pipe(
      Flag.withDescription("Print the answers too; they may be harmful"),
      Flag.withDefault(false)
    ),
    role,
    reasoning,
    plugin,
    config,
    out,
    concurrency,
    timeout,
    maxRequests,
    maxTime,
    yes,
    json
  },
  ({ run, show, with: scorer, ...flags }) =>
    lazily(
      () => import("./work/scorer-disagree.ts"),
      ({ work }) => work({ run, show }, flagsOf({ ...flags, scorer }), flags.json)
    )
).pipe(
  Command.withDescription("Judge the stored answers of a run with another scorer and list where the two part"),
  Command.withExamples([
    {
      command: "driftgate scorer disagree driftgate-out/runs/NAME --with embedded-refusal",
      description: "Where the refusal head sees something else"
    }
  ])
)

export const scorer = Command.make("scorer").pipe(
  Command.withDescription("How good a scorer is, and where two of them part"),
  Command.withSubcommands([evaluate, disagree])
)
