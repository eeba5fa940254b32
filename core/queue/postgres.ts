import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import { UnavailableProblem } from "../domain/problem.ts"

/** Any number that no other program is likely to lock. */
const serviceLock = 5_821_414_067

/**
 * A PostgreSQL database for one service: a second one that is given the same database does not start, since both would
 * take the same gates. The lock goes with the connection, so that a service that died holds nothing.
 */
export const postgresLayer = (url: Redacted.Redacted<string>) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const connection = yield* sql.reserve
    const rows = yield* connection.executeUnprepared(
      `SELECT pg_try_advisory_lock(${serviceLock}) AS mine`,
      [],
      undefined
    )
    if (rows[0]?.mine === true) return
    return yield* new UnavailableProblem({
      reason: "lock",
      what: "another service uses this database",
      fix: "Stop it, or give each service a database of its own."
    })
  })).pipe(Layer.provideMerge(PgClient.layer({ url, maxConnections: 8 })))
