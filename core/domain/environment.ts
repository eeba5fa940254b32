import * as Schema from "effect/Schema"

const facts = {
  driftgate: Schema.String.annotate({ description: "Version" }),
  node: Schema.String,
  platform: Schema.String,
  processors: Schema.String,
  memory: Schema.Int.annotate({ description: "Bytes" }),
  at: Schema.String.annotate({ description: "When the session began, ISO 8601 in UTC" }),
  commit: Schema.optionalKey(
    Schema.String.annotate({ description: "Commit that was checked out in the folder that the command ran in" })
  )
}

/** What changes from one session to the next: versions, machine, clock, and the commit where there is one. */
export const SessionEnvironment = Schema.Struct(facts).annotate({ identifier: "SessionEnvironment" })
export type SessionEnvironment = typeof SessionEnvironment.Type

/** `environment.json`: the last session's facts, and those of all sessions in their order. */
export const RunEnvironment = Schema.Struct({
  ...facts,
  sessions: Schema.optionalKey(
    Schema.Array(SessionEnvironment).annotate({
      description: "Absent in files of older versions, which kept the last one"
    })
  )
}).annotate({ identifier: "RunEnvironment" })
export type RunEnvironment = typeof RunEnvironment.Type
