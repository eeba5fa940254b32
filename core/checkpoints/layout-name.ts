/** Names of the ways in which trainers lay checkpoints out; `plain` is a folder with a model and no marker. */
export const layoutNames = [
  "transformers",
  "verl-fsdp",
  "verl-megatron",
  "openrlhf",
  "nemo-rl",
  "prime-rl",
  "plain"
] as const

export type LayoutName = typeof layoutNames[number]
