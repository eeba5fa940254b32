// `npm run test:vllm`: vLLM's build for processors beside the embedded engine; installs 3.5 GB on first use.
import { checkVllm } from "../vllm/run.ts"

await checkVllm()
