/** How an engine is started. */
export interface LaunchLine {
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** Added to the environment that driftgate has. */
  readonly env: Readonly<Record<string, string>>
  /** A value that is never printed, neither among the arguments nor in the environment. */
  readonly secret?: string
}

const plain = /^[\w@%+=:,./-]+$/

const quoted = (word: string): string => plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** The line as a person can type it into a shell, without its secret and the flag before it. */
export const printed = ({ args, command, env, secret }: LaunchLine): string =>
  [
    ...Object.entries(env).filter(([, value]) => value !== secret).map(([name, value]) => `${name}=${quoted(value)}`),
    quoted(command),
    ...args.filter((arg, at) => secret === undefined || (arg !== secret && args[at + 1] !== secret)).map(quoted)
  ].join(" ")
