import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { confirmations } from "../domain/trajectory.ts"
import { evaluation, ledger, policy, trainingPreset } from "./flags.ts"
import { aboveZero, wholeFrom } from "./invalid.ts"
import { lazily } from "./lazily.ts"
import { flagsOf } from "./settings-flags.ts"

const { out: _out, json, ...asking } = evaluation

export const serve = Command.make(
  "serve",
  {
    listen: Flag.String("listen").pipe(
      Flag.withMetavar("HOST:PORT"),
      Flag.withDescription("Address; port 0 takes a free one. Off loopback a token is required"),
      Flag.withDefault("127.0.0.1:8414")
    ),
    state: Flag.Directory("state").pipe(
      Flag.withDescription("Where the queue, pinned checkpoints and runs are kept"),
      Flag.withDefault("driftgate-state")
    ),
    root: Flag.Directory("root").pipe(
      Flag.withDescription("Checkpoints have to lie under this folder; repeatable"),
      Flag.atLeast(1)
    ),
    bases: Flag.String("base").pipe(
      Flag.withMetavar("NAME=SPEC"),
      Flag.withDescription("A model that requests may name as their base; repeatable"),
      Flag.atLeast(0)
    ),
    engine: Flag.String("engine").pipe(
      Flag.withDescription("What runs a base that a request names by its path"),
      Flag.withDefault("checkpoint")
    ),
    database: Flag.Boolean("postgres").pipe(
      Flag.withDescription("Keep the queue in the PostgreSQL of DRIFTGATE_DATABASE_URL instead of SQLite"),
      Flag.withDefault(false)
    ),
    tokenFile: Flag.File("token-file").pipe(
      Flag.withDescription("File that holds the token; otherwise DRIFTGATE_TOKEN"),
      Flag.optional
    ),
    hostName: Flag.String("host-name").pipe(
      Flag.withDescription("Name under which clients know this machine; repeatable"),
      Flag.atLeast(0)
    ),
    queue: Flag.Int("queue").pipe(
      Flag.withSchema(wholeFrom(1)),
      Flag.withDescription("Gates that wait or run at most"),
      Flag.withDefault(256)
    ),
    lease: Flag.String("lease").pipe(
      Flag.withDescription("How long a training run stays with a trainer that gives no sign of life"),
      Flag.withDefault("60s")
    ),
    gateTimeout: Flag.String("gate-timeout").pipe(
      Flag.withDescription("Longest that one evaluation may take; the gate has failed then"),
      Flag.withDefault("6h")
    ),
    confirm: Flag.Literals("confirm", confirmations).pipe(
      Flag.withDescription("Confirm a checkpoint that passes on the held-back half of the goals, or on another draw"),
      Flag.withDefault("half" as const)
    ),
    triage: Flag.Finite("triage").pipe(
      Flag.withMetavar("NATS"),
      Flag.withSchema(aboveZero),
      Flag.withDescription(
        "Skip a step whose policy drift from the base, as `driftgate drift` measures it, is not above this; never the last one"
      ),
      Flag.optional
    ),
    rewardScorer: Flag.String("reward-scorer").pipe(
      Flag.withMetavar("ID"),
      Flag.withDescription("Scorer behind /get_reward, for monitoring by OpenRLHF"),
      Flag.optional
    ),
    allowIdenticalStart: Flag.Boolean("allow-identical-start").pipe(
      Flag.withDescription("Decide on a run's step 0 although it can't be told from the base; never on a later step"),
      Flag.withDefault(false)
    ),
    json,
    ...policy,
    preset: trainingPreset,
    ...asking,
    ...ledger
  },
  (input) => lazily(() => import("./work/serve.ts"), ({ work }) => work({ ...input, flags: flagsOf(input) }))
).pipe(
  Command.withDescription(
    "Gate the checkpoints of training runs over HTTP: a trainer submits each checkpoint, and a verdict comes back. "
      + "Checkpoints are pinned before they are accepted, and the queue survives a restart"
  ),
  Command.withExamples([
    {
      command: "driftgate serve --root ./runs --base start=checkpoint:./base",
      description: "For trainers on this machine that save under ./runs; they name their base as start"
    }
  ])
)
