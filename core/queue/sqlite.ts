// A SqlClient over Node's own SQLite: the registry has none that goes with this version of Effect.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { classifySqliteError, SqlError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import { chmodSync } from "node:fs"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"

const sqlError = (operation: string) => (cause: unknown): SqlError => {
  const code = typeof cause === "object" && cause !== null && "errcode" in cause ? cause.errcode : undefined
  const known = cause instanceof Error && code !== undefined ? Object.assign(cause, { errno: code }) : cause
  return new SqlError({ reason: classifySqliteError(known, { operation, message: `SQLite: ${operation} failed` }) })
}

const attempt = <A>(operation: string, work: () => A): Effect.Effect<A, SqlError> =>
  Effect.try({ try: work, catch: sqlError(operation) })

const open = (file: string) =>
  attempt("open", () => {
    const database = new DatabaseSync(file, { timeout: 5_000 })
    // A gate that was accepted must be known after a power cut.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
    if (file !== ":memory:") chmodSync(file, 0o600)
    return database
  })

const connectionTo = (database: DatabaseSync): Connection => {
  const prepare = (sql: string, params: ReadonlyArray<unknown>) =>
    [database.prepare(sql), params as ReadonlyArray<SQLInputValue>] as const
  const rows = (sql: string, params: ReadonlyArray<unknown>): ReadonlyArray<object> => {
    const [statement, values] = prepare(sql, params)
    if (statement.columns().length > 0) return statement.all(...values)
    statement.run(...values)
    return []
  }
  const execute: Connection["execute"] = (sql, params, transform) =>
    attempt("execute", () => transform === undefined ? rows(sql, params) : transform(rows(sql, params)))
  const executeValues: Connection["executeValues"] = (sql, params) =>
    attempt("execute", () => rows(sql, params).map((row) => Object.values(row)))
  return {
    execute,
    executeUnprepared: execute,
    executeValues,
    executeValuesUnprepared: executeValues,
    executeRaw: (sql, params) =>
      attempt("execute", () => {
        const [statement, values] = prepare(sql, params)
        return statement.run(...values)
      }),
    executeStream: (sql, params) =>
      Stream.unwrap(Effect.map(attempt("execute", () => rows(sql, params)), Stream.fromIterable))
  }
}

/** A SqlClient over one SQLite file (or `:memory:`), readable by its owner only; made where it is missing. */
export const sqliteLayer = (file: string): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.effectContext(Effect.gen(function*() {
    const database = yield* Effect.acquireRelease(open(file), (database) => Effect.sync(() => database.close()))
    const client = yield* SqlClient.make({
      ...SqlClient.makeSqliteAcquirers({
        connection: Effect.succeed(connectionTo(database)),
        semaphore: yield* Semaphore.make(1),
        isTransaction: () => database.isTransaction
      }),
      compiler: Statement.makeCompilerSqlite(),
      driver: "node:sqlite",
      spanAttributes: [["db.system.name", "sqlite"]]
    })
    return Context.make(SqlClient.SqlClient, client)
  })).pipe(Layer.provide(Reactivity.layer))
