import * as Flag from "effect/cli/Flag"
import { layoutNames } from "../checkpoints/layout-name.ts"
import { confirmations } from "../domain/trajectory.ts"
import { evaluation, ledger, policy, trainingPreset } from "./flags.ts"

const { out: _out, ...asking } = evaluation

/** What commands take that follow a trainer's output folder. */
export const watching = {
  base: Flag.String("base").pipe(
    Flag.withMetavar("SPEC"),
    Flag.withDescription(
      "The model that training began with, such as checkpoint:./base; with --service its name there"
    ),
    Flag.optional
  ),
  layout: Flag.Literals("layout", ["auto", ...layoutNames]).pipe(
    Flag.withDescription("How the trainer lays out its checkpoints"),
    Flag.withDefault("auto" as const)
  ),
  accept: Flag.String("accept").pipe(
    Flag.withMetavar("WORD,..."),
    Flag.withDescription("Outcomes that training may go on with; everything else stops it"),
    Flag.withDefault("pass")
  ),
  service: Flag.String("service").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription(
      "A service of `driftgate serve` that judges instead of this process; token in DRIFTGATE_TOKEN"
    ),
    Flag.optional
  ),
  runId: Flag.String("run-id").pipe(
    Flag.withDescription("Name of the training run [default: kept in DIR/driftgate/run_id]"),
    Flag.optional
  ),
  confirm: Flag.Literals("confirm", confirmations).pipe(
    Flag.withDescription("Confirm a checkpoint that passes on the held-back half of the goals, or on another draw"),
    Flag.withDefault("half" as const)
  ),
  gateTimeout: Flag.String("gate-timeout").pipe(
    Flag.withDescription("Longest wait for one verdict"),
    Flag.withDefault("6h")
  ),
  outage: Flag.String("outage").pipe(
    Flag.withDescription("How long a service may be away, or not take a checkpoint, before that stops training"),
    Flag.withDefault("2m")
  ),
  allowIdenticalStart: Flag.Boolean("allow-identical-start").pipe(
    Flag.withDescription("Decide on a run's step 0 although it can't be told from the base; never on a later step"),
    Flag.withDefault(false)
  ),
  ...policy,
  preset: trainingPreset,
  ...asking,
  ...ledger
} as const
