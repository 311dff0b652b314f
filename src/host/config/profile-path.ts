/** Whether a profile's name is the path of a file: it has a slash, or ends as YAML and JSON files do. */
export function isProfilePath(name: string): boolean {
  return name.includes('/') || /\.(ya?ml|json)$/i.test(name);
}
