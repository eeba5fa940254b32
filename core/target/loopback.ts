import { isLoopback } from "../domain/address.ts"
import type { Target, TargetSpec } from "../plugin/contract.ts"
import type { Manifest } from "../plugin/manifest.ts"

export { isLoopback }

const isAddress = (text: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && !/^file:/i.test(text) && URL.canParse(text)

/**
 * Whether a model's prompts leave this machine: by its own word; without one by its addresses, and without those they do
 * unless its plugin's `permissions` leave the network out.
 */
export const leavesMachine = (
  target: Pick<Target, "remote" | "endpoint">,
  spec: Pick<TargetSpec, "endpoints" | "locator">,
  permissions: Manifest["permissions"]
): boolean => {
  if (target.remote !== undefined) return target.remote
  const addresses = [...spec.endpoints, spec.locator, ...(target.endpoint ?? "").split(",")].filter(isAddress)
  return addresses.length > 0 ? !addresses.every(isLoopback) : permissions?.includes("net") ?? true
}
