const loopbackName = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

const hostOf = ({ hostname }: URL): string => hostname.replace(/\.$/, "")

/** Whether an address stays on this machine by its name alone: localhost, 127.0.0.0/8 or ::1. */
export const isLoopback = (address: string): boolean => loopbackName.test(hostOf(new URL(address)))

/**
 * An address as it is compared: origin, path without a slash at its end, query by name. What is no address stays as it is.
 */
export const addressOf = (text: string): string => {
  if (!URL.canParse(text)) return text
  const url = new URL(text)
  if (url.search !== "") url.searchParams.sort()
  const port = url.port === "" ? "" : `:${url.port}`
  return `${url.protocol}//${hostOf(url)}${port}${url.pathname.replace(/\/+$/, "")}${url.search}`
}

/** Protocol, host and port of an address; all names of this machine are one host. */
export const originOf = (text: string): string => {
  if (!URL.canParse(text)) return text
  const { port, protocol } = new URL(text)
  return isLoopback(text) ? `${protocol}//localhost:${port}` : new URL(addressOf(text)).origin
}
