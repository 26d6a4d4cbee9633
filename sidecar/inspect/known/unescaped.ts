/** What percent-encoding (RFC 3986, section 2.1) stands for, once; in latin1. Pure. */
export function unescaped(text: string): string {
  return text.replaceAll(/%([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
