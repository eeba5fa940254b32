import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import { Measure } from "../domain/measures.ts"
import { evaluation } from "./flags.ts"
import { lazily } from "./lazily.ts"
import { flagsOf } from "./settings-flags.ts"

const { concurrency, config, json, plugin, reasoning, role, timeout, yes } = evaluation

export const calibrate = Command.make(
  "calibrate",
  {
    scorer: Flag.String("scorer").pipe(
      Flag.withMetavar("ID[?k=v]"),
      Flag.withDescription("The scorer to hold against labels")
    ),
    labels: Flag.File("labels").pipe(
      Flag.withDescription("JSON lines {id, response, labels: {unsafe: 0 or 1, ...}, goal?, ...}")
    ),
    measure: Flag.Literals("measure", Measure.literals).pipe(
      Flag.withDescription("Which label"),
      Flag.withDefault("unsafe")
    ),
    to: Flag.Path("to", { pathType: "file" }).pipe(
      Flag.withDescription("Where the record is written [default: ./calibration-SCORER-MEASURE.json]"),
      Flag.optional
    ),
    reasoning,
    role,
    plugin,
    config,
    concurrency,
    timeout,
    yes,
    json
  },
  ({ labels, measure, scorer, to, ...flags }) =>
    lazily(
      () => import("./work/calibrate.ts"),
      ({ work }) => work({ labels, measure, scorer, to: Option.getOrUndefined(to) }, flagsOf(flags), flags.json)
    )
).pipe(
  Command.withDescription("Measure a scorer's error against human labels, and write the record that gates use"),
  Command.withExamples([
    {
      command: "driftgate calibrate --scorer phrases --labels labelled.jsonl --measure unsafe",
      description: "The phrase list"
    }
  ])
)
